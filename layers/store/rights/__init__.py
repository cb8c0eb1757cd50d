"""Who may do what with which columns: one written policy, from which the Python checks and the database's GRANTs come."""
