"""What the tile bench stands on: servers to compare, and the tool that loads them."""
