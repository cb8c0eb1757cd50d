"""The question engine: parcels and what the layers hold near them in, one finding per parcel and theme out."""

from layers.inquiries.engine.evidence_types import Evidence, EvidenceError, reach_m
from layers.inquiries.engine.judging import Judging, judge, judge_all

__all__ = ["Evidence", "EvidenceError", "Judging", "judge", "judge_all", "reach_m"]
