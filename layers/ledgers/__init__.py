"""The ledgers of owners and taxes: apart from every map, read one parcel at a time, for a purpose, and never unlogged."""
