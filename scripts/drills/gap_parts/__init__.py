"""The three parts of the gap drill, each run in its own network: the staff side, the public side, and the one that looks."""
