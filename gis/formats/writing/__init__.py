"""Rows out of the store into files that other programs read: one module a format, none of which holds a whole layer."""
