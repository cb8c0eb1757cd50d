"""The internal application: the staff map and all that it asks."""
