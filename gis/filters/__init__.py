"""Filters: CQL2 text and CQL2 JSON (OGC 21-065r2) to one typed, frozen tree, and back. Nothing here knows a database."""
