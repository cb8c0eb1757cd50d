"""Who may come in: persons, their posts, passwords, second factors, sessions, keys, and what slows down those who guess."""
