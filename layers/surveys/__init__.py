"""RTK surveys: sessions and their fixes, fields made of them, what they show beside the registered lines."""
