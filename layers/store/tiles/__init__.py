"""Vector tiles of the layers: their SQL, their generalised bands, and the cache of their fragments."""
