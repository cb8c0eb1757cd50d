"""The sample town's fields, given to the two farmers of the demonstration: each sees two, and none of the other's."""

from layers.store.instance import Store
from layers.surveys.owners import note_owner

SAMPLE_OWNERS = {
    "RTK-001": "mihon-farmer",
    "RTK-002": "mihon-farmer",
    "RTK-003": "mihon-farmer2",
    "RTK-004": "mihon-farmer2",
}
_GIVER = "見本の町（架空）"


def give_sample_fields(store: Store) -> None:
    """Give those that are there and were never anybody's; none in a real town."""
    if not store.town.fictitious:
        return
    with store.database.transaction() as connection:
        rows = connection.execute(
            "SELECT field_id FROM layers.rtk_fields f WHERE field_id = ANY(%s) "
            "AND NOT EXISTS (SELECT FROM surveys.owners o WHERE o.field_id = f.field_id)",
            [list(SAMPLE_OWNERS)],
        ).fetchall()
        for (field_id,) in rows:
            note_owner(connection, field_id, SAMPLE_OWNERS[field_id], _GIVER)
