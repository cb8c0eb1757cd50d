"""Whether a layer that says something about people points at one of them: position is a name (鎌倉市, September 2025).

A place with everything that is published there must stand for at least k people. Dots at houses never do, whatever their
colours say; areas with counts do, when no count is small.
"""

import re
from collections.abc import Iterator

from psycopg import sql

from layers.publication.findings import Finding, Level
from layers.store.database import Connection
from layers.store.definitions import Layer

ABOUT_PEOPLE = re.compile(
    "氏名|姓名|生年月日|年齢|性別|世帯|賛否|賛成|反対|意見|同意|要介護|要支援|介護度|障害者|障がい者|障害等級|病名|病歴|疾患|"
    "生活保護|滞納|所得|税額|納税|国籍|宗教|独居|一人暮らし|ひとり暮らし|要配慮|見守り|所有者|居住者"
)
"""Words in the label of a column or of a code by which a layer says something about people, whatever it declares."""


def people_findings(connection: Connection, layer: Layer) -> Iterator[Finding]:
    """The findings for `layer`, one that `as_published` made, in this snapshot."""
    publication = layer.publication
    assert publication is not None  # noqa: S101 - the layer is published
    if not publication.about_people:
        yield from _undeclared(layer)
        return
    groups, small, least = _groups(connection, layer)
    k = publication.smallest_group
    if small:
        yield Finding(
            "people",
            Level.STOP,
            f"同じ場所で同じ内容のまとまり {groups:,} 組のうち {small:,} 組が {k} 人に足りません（最も少ない組は {least} 人）。"
            "名前がなくても、位置から本人が分かります。地区ごとの人数にまとめるか、少ない区分を合わせてください。",
        )
    else:
        yield Finding(
            "people", Level.GOOD, f"どの場所のどの内容も {k} 人以上にあたります（最も少ない組は {least} 人）。"
        )
    yield Finding(
        "people",
        Level.LOOK,
        "人についてのレイヤです。ほかの資料と合わせて本人が分からないか、承認の前に確かめてください。",
    )


def _undeclared(layer: Layer) -> Iterator[Finding]:
    told = [
        field.label
        for field in layer.fields
        if any(ABOUT_PEOPLE.search(text) for text in (field.label, *field.codes.values()))
    ]
    if told:
        yield Finding(
            "people",
            Level.STOP,
            f"「{'、'.join(told)}」は人についての内容です。layer.toml の [publication] で about_people = true とし、"
            "小さな人数の確かめを受けてください。",
        )


def _groups(connection: Connection, layer: Layer) -> tuple[int, int, int]:
    """How many groups of equal place and content there are, how many are too small, and the size of the smallest."""
    publication = layer.publication
    assert publication is not None  # noqa: S101 - the layer is published
    said = [field.name for field in layer.fields if field.name != publication.count_field]
    people = (
        sql.SQL("coalesce(sum({}), 0)").format(sql.Identifier(publication.count_field))
        if publication.count_field
        else sql.SQL("count(*)")
    )
    row = connection.execute(
        sql.SQL(
            "SELECT count(*), count(*) FILTER (WHERE people < {k}), coalesce(min(people), 0) FROM ("
            "SELECT {people} AS people FROM layers.{layer} GROUP BY {said}) one"
        ).format(
            k=sql.Literal(publication.smallest_group),
            people=people,
            layer=sql.Identifier(layer.id),
            said=sql.SQL(", ").join(map(sql.Identifier, [*said, "geom"])),
        )
    ).fetchone()
    assert row is not None  # noqa: S101 - an aggregate always answers one row
    return int(row[0]), int(row[1]), int(row[2])
