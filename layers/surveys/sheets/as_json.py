"""The truth with every number, and the seal by which a sheet is known again."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict

import orjson

from gis.boundary_comparison.areas import AreaCheck
from gis.boundary_comparison.model import Comparison, Neighbour, Place, Shift
from gis.positioning.model import Vertex
from gis.units import Area
from layers.surveys.sheets.notices import NOT_A_BOUNDARY
from layers.surveys.sheets.sentences import answer, further_sentences, headline, named, outcome
from layers.surveys.sheets.words import corner_name
from layers.surveys.truth_model import Held, Truth


def to_json(truth: Truth) -> dict[str, object]:
    """Every number of the sheet; positions in plane metres (x east, y north), distances signed, U at 95 % or more."""
    surveyed, told = truth.surveyed, outcome(truth)
    entry: dict[str, object] = {
        "field": {
            "field_id": surveyed.field_id,
            "field_name": surveyed.field_name,
            "version": surveyed.version,
            "kept_at": surveyed.kept_at,
            "surveyed_on": surveyed.surveyed_on,
            "surveyor": surveyed.surveyor,
            "antenna_height_m": surveyed.antenna_height_m,
            "claimed_fix": surveyed.claimed_fix,
            "is_measured": surveyed.is_measured,
            "station": asdict(surveyed.station),
            "plane_epsg": surveyed.boundary.plane_epsg,
            "rings": _rings(truth),
        },
        "municipality": truth.municipality,
        "fictitious": truth.fictitious,
        "as_of": truth.as_of,
        "answer": answer(truth).value,
        "outcome": None if told is None else told.value,
        "headline": headline(truth),
        "sentences": further_sentences(truth),
        "notice": NOT_A_BOUNDARY,
        "area": {**_area(truth.area.m2), "standard_error_m2": truth.area.standard_error_m2},
        "cadastral": None if truth.cadastral is None else _held(truth, truth.cadastral),
        "farmland": None if truth.farmland is None else _held(truth, truth.farmland),
        "named_ground": list(truth.named),
        "layers": [asdict(one) for one in truth.layers],
    }
    return {**entry, "seal": seal(entry)}


def seal(entry: Mapping[str, object]) -> str:
    """SHA-256 (hex) over the canonical JSON: keys sorted, no spaces, UTF-8."""
    return hashlib.sha256(orjson.dumps(entry, option=orjson.OPT_SORT_KEYS | orjson.OPT_SERIALIZE_NUMPY)).hexdigest()


def dumps(entry: Mapping[str, object]) -> bytes:
    """The text: UTF-8, dates in ISO form."""
    return orjson.dumps(entry, option=orjson.OPT_SERIALIZE_NUMPY)


def _rings(truth: Truth) -> list[list[dict[str, object]]]:
    boundary = truth.surveyed.boundary
    return [
        [_vertex(number, index, vertex) for index, vertex in enumerate(ring)]
        for number, ring in enumerate(boundary.rings)
    ]


def _vertex(ring: int, index: int, vertex: Vertex) -> dict[str, object]:
    return {
        "name": corner_name(ring, index),
        "x": vertex.x,
        "y": vertex.y,
        "sigma_m": vertex.sigma_m,
        "quality": None if vertex.quality is None else int(vertex.quality),
        "fixes": vertex.fixes,
    }


def _held(truth: Truth, held: Held) -> dict[str, object]:
    found: Comparison = held.comparison
    return {
        "ground": [
            {
                "parcel": one.parcel.label,
                "accuracy_class": one.parcel.accuracy_class,
                "limit_m": one.parcel.limit_m,
                "undetermined": one.parcel.undetermined,
                "overlap_m2": one.overlap_m2,
                "share_of_field": one.share_of_field,
                "share_of_parcel": one.share_of_parcel,
            }
            for one in found.ground
        ],
        "corners": [_place(truth, held, one) for one in found.corners],
        "between": [_place(truth, held, one) for one in found.between],
        "uncompared_rings": list(found.uncompared_rings),
        "neighbours": [_neighbour(one) for one in found.neighbours],
        "unmapped_m2": found.unmapped_m2,
        "drawn_area": _check(held.drawn),
        "registered_area": _check(held.registered),
        "shift_hint": _shift(found.shift),
    }


def _place(truth: Truth, held: Held, place: Place) -> dict[str, object]:
    entry = asdict(place)
    entry |= {"name": named(truth, place), "parcel": held.parcel(place.parcel).label, "verdict": place.verdict.value}
    return entry


def _neighbour(one: Neighbour) -> dict[str, object]:
    return {
        "parcel": one.parcel.label,
        "overlap_m2": one.overlap_m2,
        "reach_m": one.reach_m,
        "uncertainty_m": one.uncertainty_m,
        "verdict": one.verdict.value,
    }


def _check(check: AreaCheck | None) -> dict[str, object] | None:
    if check is None:
        return None
    return {
        **_area(check.m2),
        "difference_m2": check.difference_m2,
        "tolerance_m2": check.tolerance_m2,
        "uncertainty_m2": check.uncertainty_m2,
        "verdict": check.verdict.value,
    }


def _area(m2: float) -> dict[str, object]:
    area = Area.of_m2(m2)
    return {"m2": m2, "are": area.ares, "tan": area.tan, "se": area.se, "farmers": area.as_farmers_say}


def _shift(shift: Shift | None) -> dict[str, object] | None:
    if shift is None:
        return None
    return {**asdict(shift), "length_m": shift.length_m, "uncertainty_m": shift.uncertainty_m, "plain": shift.is_plain}
