"""Single features edited: checked by the rules of loading, written with their history, each on the version it was made from."""
