"""From the written policy to what the database must hold: one group of rights for each line that a post can have."""

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from hashlib import sha256

from layers.store.definitions import ColumnClass, GeometryKind, Layer
from layers.store.rights.caller import Post, Verb
from layers.store.rights.policy import OWN, Grant, Policy, division
from layers.store.tables import has_area

ROW_COLUMNS = ("load_id", "version", "valid_from", "content_hash")
"""What a change of a row writes beside its fields."""


@dataclass(frozen=True, order=True)
class Right:
    """One privilege on an object: `kind` is table, column, schema, function or database."""

    kind: str
    name: str
    privilege: str
    column: str = ""


def _tables(privilege: str, *names: str) -> set[Right]:
    return {Right("table", name, privilege) for name in names}


def _columns(privilege: str, table: str, columns: Iterable[str]) -> set[Right]:
    return {Right("column", table, privilege, column) for column in columns}


EVERYBODY = frozenset(
    {
        *(Right("schema", name, "USAGE") for name in ("onomap", "layers", "history", "ledgers")),
        *_tables(
            "SELECT",
            "onomap.loads",
            "onomap.edits",
            "onomap.coverages",
            "onomap.rasters",
            "onomap.unplaced_sheets",
            "onomap.place_readings",
        ),
    }
)
"""What every post has: the registers, which say nothing about a person."""
READERS = frozenset(
    {
        *_tables("SELECT", "onomap.answers"),
        *_tables("INSERT", "onomap.answers"),
        *_columns("SELECT", "onomap.unplaced_features", ("id", "sheet_id", "parcel_key", "geom")),
        *_columns("SELECT", "onomap.load_rows", ("id", "load_id", "outcome", "source", "ref", "reason")),
        Right("function", "onomap.rejected_content(bigint)", "EXECUTE"),
    }
)
"""What whoever reads any layer has: answers, and loads' rows without what the file said in them."""
EDITORS = frozenset(
    {
        *_columns(
            "INSERT",
            "onomap.loads",
            (
                "layer",
                "mode",
                "file_name",
                "file_sha256",
                "data_date",
                "loaded_by",
                "edit_of",
                "added_error_m",
                "report",
            ),
        ),
        *_columns(
            "INSERT",
            "onomap.edits",
            ("layer", "fid", "version", "action", "edited_at", "edited_by", "load_id", "restored_version"),
        ),
        Right("function", "onomap.archive(text,bigint,timestamp with time zone)", "EXECUTE"),
    }
)
LEDGER_READERS = frozenset(
    {
        Right("function", "ledgers.ask(text,text[],text[],text,text,text,text,text,text[],text)", "EXECUTE"),
        Right("function", "ledgers.answer(bigint)", "EXECUTE"),
    }
)
SURVEY_FUNCTIONS = frozenset(
    {
        Right("schema", "surveys", "USAGE"),
        Right("function", "surveys.sessions_seen()", "EXECUTE"),
        Right("function", "surveys.records_seen(uuid)", "EXECUTE"),
        Right("function", "surveys.fields_seen(text,timestamp with time zone)", "EXECUTE"),
    }
)
"""By which surveys and fields are seen: the functions themselves ask whose they are."""
SURVEYORS = SURVEY_FUNCTIONS | {
    Right("function", "surveys.store(uuid,jsonb,text,text,text[],text)", "EXECUTE"),
}
FIELDS = "rtk_fields"
"""The layer of surveyed fields, whose readers see surveys' fields and whose editors survey."""


@dataclass(frozen=True)
class Group:
    """The rights that one line of the policy gives to posts of one 課 (or of any, where the line does not ask)."""

    grant: Grant
    division: str | None

    @property
    def name(self) -> str:
        """The end of its role's name: what the line says, so that another line is another role."""
        grant = self.grant
        layers = grant.layers if isinstance(grant.layers, str) else ",".join(sorted(grant.layers))
        parts = (grant.duty, *sorted(grant.verbs), "/", *sorted(grant.classes), layers, *sorted(grant.departments))
        return f"g_{_digest([*parts, self.division or ''])}"

    def layers(self, catalogue: Mapping[str, Layer]) -> Iterator[Layer]:
        """The layers to which the line reaches."""
        post = Post(self.division or next(iter(self.grant.departments), ""), frozenset({self.grant.duty}))
        return (layer for layer in catalogue.values() if self.grant.reaches(post, layer))


def _digest(parts: Iterable[str]) -> str:
    return sha256("\x1f".join(parts).encode()).hexdigest()[:12]


def every_group(policy: Policy, catalogue: Mapping[str, Layer]) -> list[Group]:
    """Every group that some post can be in."""
    divisions = sorted({division(layer.department) for layer in catalogue.values()})
    return [Group(grant, one) for grant in policy.grants for one in (divisions if grant.layers == OWN else [None])]


def groups_of(policy: Policy, post: Post, catalogue: Mapping[str, Layer]) -> list[Group]:
    """The groups of one post: those lines that name one of its duties and do not leave out its department."""
    own = division(post.department)
    lines = (
        grant
        for grant in policy.grants
        if grant.duty in post.duties and (not grant.departments or post.department in grant.departments)
    )
    known = set(every_group(policy, catalogue))
    asked = (Group(grant, own if grant.layers == OWN else None) for grant in lines)
    return [group for group in asked if group in known]


def post_name(groups: Iterable[str]) -> str:
    """The end of the name of the role of all posts that are in just these groups."""
    return f"p_{_digest(sorted(groups))}"


def rights_of(group: Group, catalogue: Mapping[str, Layer], ledgers: Mapping[str, Layer]) -> Set[Right]:
    """What the group's role holds over the layers' tables, the registers and the ledgers."""
    rights: set[Right] = set()
    grant = group.grant
    for layer in group.layers(catalogue):
        if layer.geometry is GeometryKind.RASTER:
            continue
        if Verb.READ in grant.verbs:
            rights |= _reading(layer, grant.classes)
        if Verb.EDIT in grant.verbs:
            rights |= _editing(layer, grant.classes)
        rights |= _surveying(layer, grant)
    if Verb.SURVEY in grant.verbs:
        rights |= SURVEYORS
    if Verb.READ in grant.verbs:
        rights |= READERS
    if Verb.EDIT in grant.verbs:
        rights |= EDITORS
    if Verb.READ in grant.verbs:
        for ledger in group.layers(ledgers):
            rights |= _through_the_log(ledger, grant.classes)
    return rights


def visible(layer: Layer, classes: Set[ColumnClass]) -> list[str]:
    """The fields of those classes."""
    return [field.name for field in layer.fields if field.column_class in classes]


def is_whole(layer: Layer, classes: Set[ColumnClass]) -> bool:
    """Whether there is no column of the layer outside those classes: only then may a whole row be taken away."""
    return bool(classes) and len(visible(layer, classes)) == len(layer.fields)


def shape_columns(layer: Layer, *, current: bool) -> list[str]:
    """What a row says of its place; it is written, the copy for tiles only read."""
    names = ["area_m2"] if has_area(layer) else []
    if layer.geometry in (GeometryKind.NONE, GeometryKind.RASTER):
        return names
    return [*names, "geom", *(["geom_3857"] if current else [])]


def _reading(layer: Layer, classes: Set[ColumnClass]) -> set[Right]:
    fields = visible(layer, classes)
    if layer.fields and not fields:
        return set()
    system = ["fid", *ROW_COLUMNS, *fields]
    rights = _columns("SELECT", f"layers.{layer.id}", [*system, *shape_columns(layer, current=True)])
    past = [*system, "valid_to", *shape_columns(layer, current=False)]
    rights |= _columns("SELECT", f"history.{layer.id}", past)
    if layer.id == "cadastral" and is_whole(layer, classes):
        rights |= _columns("SELECT", "onomap.unplaced_features", ["attributes"])
    return rights


def _surveying(layer: Layer, grant: Grant) -> Set[Right]:
    """Who reads the fields sees those of surveys, who edits them surveys; a farmer has the lines of a layer in sight."""
    if layer.id == FIELDS and Verb.EDIT in grant.verbs:
        return SURVEYORS
    if layer.id == FIELDS and Verb.READ in grant.verbs:
        return SURVEY_FUNCTIONS
    return _in_sight(layer, grant.classes) if Verb.SURVEY in grant.verbs else frozenset()


def _in_sight(layer: Layer, classes: Set[ColumnClass]) -> set[Right]:
    """The lines of a layer as they are now, with the fields of those classes: not who drew them when, and not the past."""
    fields = visible(layer, classes)
    if layer.fields and not fields:
        return set()
    schema = {Right("schema", "layers", "USAGE")}
    columns = ["fid", *fields, *shape_columns(layer, current=True)]
    return schema | _columns("SELECT", f"layers.{layer.id}", columns)


def _editing(layer: Layer, classes: Set[ColumnClass]) -> set[Right]:
    fields = visible(layer, classes)
    if layer.fields and not fields:
        return set()
    table = f"layers.{layer.id}"
    written = [*ROW_COLUMNS, *fields, *(name for name in shape_columns(layer, current=False))]
    rights = _columns("UPDATE", table, written) | _columns("INSERT", table, written)
    if is_whole(layer, classes):
        rights |= _columns("INSERT", table, ["fid"]) | _tables("DELETE", table)
    return rights


def _through_the_log(ledger: Layer, classes: Set[ColumnClass]) -> set[Right]:
    """Columns of a ledger that may be read through its logging function: no SELECT; REFERENCES marks them, and gives
    nothing to a role that owns no table."""
    fields = visible(ledger, classes)
    if not fields:
        return set()
    return _columns("REFERENCES", f"ledgers.{ledger.id}", fields) | LEDGER_READERS
