"""Files into editions: read, mapped, placed, checked, and swapped in as one transaction."""
