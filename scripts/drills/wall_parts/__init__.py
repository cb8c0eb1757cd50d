"""What the wall drill consists of."""
