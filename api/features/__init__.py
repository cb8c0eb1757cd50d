"""OGC API – Features over every vector layer: landing page, collections, items, queryables and schemas."""
