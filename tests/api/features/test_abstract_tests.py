"""Every abstract test of Features Part 1 and Part 2 is taken by a test here that names it."""

import ast
import re
from pathlib import Path

CORE = """http api-definition-op api-definition-success root-op root-success conformance-op conformance-success fc-md-op
fc-md-success fc-md-links fc-md-items fc-md-items-links fc-md-extent fc-md-extent-multi sfc-md-op sfc-md-success fc-op
fc-bbox-definition fc-bbox-response fc-limit-definition fc-limit-response fc-time-definition fc-time-response
query-param-invalid query-param-unknown fc-response fc-links fc-timeStamp fc-numberMatched fc-numberReturned f-op f-success
f-links crs84"""
CRS = """crs-uri storageCrs default-crs crs-parameter crs-parameter-default crs-parameter-invalid crs-parameter-transform
bbox-crs-parameter bbox-crs-parameter-default bbox-crs-parameter-invalid"""
OTHERS = {
    "geojson": "definition content",
    "html": "definition content",
    "oas30": "completeness exception-codes definition-1 definition-2 oas-impl security",
}


def test_every_abstract_test_is_named_by_a_test() -> None:
    wanted = {
        f"/conf/{group}/{name}"
        for group, names in {"core": CORE, "crs": CRS, **OTHERS}.items()
        for name in names.split()
    }
    named: set[str] = set()
    for path in Path(__file__).parent.glob("test_*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                named |= set(re.findall(r"/conf/[\w-]+/[\w-]+", ast.get_docstring(node) or ""))
    assert wanted - named == set()
    assert named - wanted == set()
