"""The truth sheet in its three forms, JSON, HTML and PDF, all from the same words and numbers."""
