"""What may happen at a point of the published map, and where to go: facts, which the page puts into the words of a language."""
