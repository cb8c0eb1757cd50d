"""The internal application: the staff map and all that it asks, on loopback until accounts exist."""
