"""Features of the layers: which rows a caller means, compiled to bound SQL, paged by key, written as JSON by the database."""
