"""People over HTTP: the gate in front of everything, signing in, one's own account, and the administrator's page."""
