"""The public application."""
