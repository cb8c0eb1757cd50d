"""The publication firewall: draft, gate, second person, signed bundle, import on the public side, switch and rollback."""
