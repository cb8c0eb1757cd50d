"""Vector tiles over HTTP: the fast front, TileJSON, OGC API – Tiles, and the styles that draw them."""
