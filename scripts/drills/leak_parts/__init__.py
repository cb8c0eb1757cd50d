"""The leak drill in parts: what is planted, what is asked, and how it is recognised in whatever comes out."""
