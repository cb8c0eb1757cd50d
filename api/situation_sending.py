"""The situation on its way out: the desk that switches and the signature that the public side believes, put together here,
since the two rooms of `layers` know nothing of each other.
"""

from dataclasses import dataclass

from layers.publication.desk import Desk
from layers.publication.errors import NotNewerError
from layers.publication.importing import PublicSide
from layers.publication.keys import signing_key
from layers.publication.signed_document import Cover, Held, held_at, import_document, write_document
from layers.situation.desk import SituationDesk, note_sent
from layers.situation.errors import SituationRefusedError
from layers.situation.published import KIND, content_of, document
from layers.situation.register import Revision
from layers.store.audit.log import Who
from layers.store.instance import Store


@dataclass(frozen=True)
class Sent:
    """What went out."""

    number: int
    was_there: bool = False


def signed(store: Store, revision: Revision) -> str:
    """The situation as a signed document. Raises SituationRefusedError before the first step, KeyFileError."""
    if revision.made_at is None:
        raise SituationRefusedError("まだ何も切り替えていないため、公開側に送るものがありません。")
    cover = Cover(KIND, revision.number, revision.made_at)
    return write_document(
        cover, document(revision.content), store.town, signing_key(store.settings.home / "publication")
    )


def send(desk: SituationDesk, publication: Desk, who: Who) -> Sent:
    """Bring the situation as it stands to the public side of this machine. Raises PublicSideError where there is none.

    A store that was restored from an older backup knows lower numbers than the public side: it goes on above those.
    """
    side = publication.need_side()
    revision = desk.current()
    try:
        take(side, signed(desk.store, revision))
    except NotNewerError as refused:
        revision, held = desk.current(), held_at(side, KIND)
        if held is not None and held.number == revision.number and held.content == document(revision.content):
            return Sent(revision.number, was_there=True)
        revision = desk.renumber(refused.held)
        take(side, signed(desk.store, revision))
    note_sent(desk.store, who, revision.number, "import")
    return Sent(revision.number)


def take(side: PublicSide, text: str) -> int:
    """The public side takes a signed situation; its number. Raises BundleRefusedError, PublicSideError."""
    return import_document(side, text, KIND, content_of).number


def held(side: PublicSide) -> Held | None:
    """What the public side has. Raises PublicSideError."""
    return held_at(side, KIND)
