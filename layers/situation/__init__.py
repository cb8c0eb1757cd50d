"""The situation on the day of a disaster: its phase, which shelters are open, which roads are closed, and what is announced."""
