"""What schemathesis must know to edit: mostly of a layer and of features that there are, from the version that stands."""

from typing import Any

import schemathesis
from hypothesis import strategies as st

from gis.reference_systems import offered_systems
from tests.api import schemathesis_hooks as reading

FEATURES = 60
POINT = {"type": "Point", "coordinates": [140.62, 37.27]}

schemathesis.openapi.format(
    "onomap-content-crs", st.sampled_from([f"<{system.uri}>" for system in offered_systems(6677)])
)


@schemathesis.hook
def before_call(context: Any, case: schemathesis.Case, kwargs: dict[str, Any]) -> None:
    """Make most valid requests ones that really edit; what is invalid stays as it is."""
    if case.meta is None or case.meta.generation.mode.is_negative or "collection_id" not in case.path_parameters:
        return
    drawn = len(repr((case.body, case.headers, case.path_parameters)))
    if drawn % 6 == 0:
        return
    case.path_parameters["collection_id"] = "shelters"
    if "feature_id" in case.path_parameters:
        # a number is that of a feature which the same run has made
        made = str(case.path_parameters["feature_id"])
        case.path_parameters["feature_id"] = made if made.isdecimal() else str(1 + drawn % FEATURES)
        case.headers["If-Match"] = "*"
    if "version" in case.path_parameters:
        case.path_parameters["version"] = 1
    if isinstance(case.body, dict):
        case.headers.pop("content-crs", None)
        case.body = {"type": "Feature", "geometry": POINT, "properties": {"name": f"集会所{drawn}"}}


__all__ = ["before_call", "reading"]
