"""Files that machines in the field read and write: ISOXML, SIMA, and the common ones, over one model of a field."""
