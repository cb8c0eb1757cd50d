"""The question engine: parcels and what the layers hold near them in, one finding per parcel and theme out; no database."""

from layers.inquiries.engine.evidence_types import Evidence, reach_m

__all__ = ["Evidence", "reach_m"]
