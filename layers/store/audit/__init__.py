"""Who did what, when, from where and why: an append-only log whose entries are chained by their hashes."""
