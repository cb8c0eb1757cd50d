"""The steps from draft to public and back, each for a caller: what the command line and the staff page call."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import psycopg

from layers.publication import register, rules
from layers.publication.bundle import Cover, Included, write_bundle
from layers.publication.checking import check_rows, definition_holds, digest_of_rows
from layers.publication.errors import (
    ChangedSinceCheckError,
    PublicationError,
    PublicSideError,
    UnknownEditionError,
    WrongStateError,
)
from layers.publication.gate import as_documents, definition_findings, passes
from layers.publication.importing import PublicSide, import_bundle, roll_back, translated
from layers.publication.keys import signing_key
from layers.publication.parts import make_part
from layers.publication.published_layer import as_published, digest_of, to_document
from layers.publication.register import Publication
from layers.publication.switching import served
from layers.publication.tile_archive import PUBLIC_MAX_ZOOM
from layers.store.definitions import Layer
from layers.store.instance import Store
from layers.store.rights.caller import Caller

Tell = Callable[[str, float], None]
KEPT = 10
"""Editions whose bundles and parts stay inside."""
_IMPORT_SHARE = 0.25
"""Part of the whole time that the import takes; the rest is making the files."""


def silent(_: str, __: float) -> None:
    """Tells nobody."""


@dataclass(frozen=True)
class Desk:
    """The publication desk of one store. `side` is None where the public side is reached by a stick only."""

    store: Store
    side: PublicSide | None = None
    max_zoom: int = PUBLIC_MAX_ZOOM

    @property
    def folder(self) -> Path:
        """Where parts, bundles and the key lie."""
        return self.store.settings.home / "publication"

    def draft(self, caller: Caller, layer_id: str, tell: Tell = silent) -> Publication:
        """Begin: take the layer as it is now, and let the gate look at it. Raises NotAllowedError, NotPublishableError."""
        layer = self.store.layer(layer_id)
        rules.require_draft(self.store.policy, caller, layer)
        shown = as_published(layer)
        with self.store.database.transaction() as connection:
            identifier = register.add_draft(connection, layer.id, caller, to_document(shown), digest_of(shown))
        return self.check(identifier, tell)

    def check(self, identifier: int, tell: Tell = silent) -> Publication:
        """Let the gate look at a draft, again after something was mended. Raises WrongStateError after an approval."""
        found = self.publication(identifier)
        self._require(found, (register.DRAFT, register.CHECKED, register.REFUSED))
        layer = self.store.layer(found.layer)
        definition_holds(layer, found)
        tell("公開する列の確認", 0.0)
        findings = list(definition_findings(layer))
        tell("内容の確認", 0.1)
        checked = check_rows(self.store, as_published(layer), self._published(layer))
        findings += checked.findings
        tell("差分の図", 0.9)
        state = register.CHECKED if passes(findings) else register.REFUSED
        noted = register.Checked(
            state, checked.digest, checked.rows, as_documents(findings), checked.difference, checked.drawing
        )
        with self.store.database.transaction() as connection:
            self._require(
                register.publication(connection, identifier, lock=True),
                (register.DRAFT, register.CHECKED, register.REFUSED),
            )
            register.note_check(connection, identifier, noted)
        tell("完了", 1.0)
        return self.publication(identifier)

    def approve(self, caller: Caller, identifier: int) -> Publication:
        """The second person's word. Raises NotAllowedError, SamePersonError, WrongStateError, ChangedSinceCheckError."""
        found = self.publication(identifier)
        layer = self.store.layer(found.layer)
        rules.require_approval(self.store.policy, caller, layer, found.requested_by)
        self._require(found, (register.CHECKED,))
        definition_holds(layer, found)
        if digest_of_rows(self.store, layer) != found.content_sha256:
            raise ChangedSinceCheckError(
                f"「{layer.title}」の内容が、確認のあとで変わりました。もう一度確認してから承認してください。"
            )
        with self.store.database.transaction() as connection:
            self._require(register.publication(connection, identifier, lock=True), (register.CHECKED,))
            register.note_approval(connection, identifier, caller)
        return self.publication(identifier)

    def cancel(self, caller: Caller, identifier: int) -> Publication:
        """Take a publication back before it is public."""
        found = self.publication(identifier)
        rules.require_publishing(self.store.policy, caller, self.store.layer(found.layer))
        self._require(found, register.OPEN_STATES)
        with self.store.database.transaction() as connection:
            register.set_state(connection, [identifier], register.CANCELLED)
        return self.publication(identifier)

    def publish(self, caller: Caller, identifiers: Sequence[int], tell: Tell = silent) -> int:
        """Make files of approved publications, bundle them with what is public already, sign, import and switch.

        Returns the number of the edition. Raises PublicSideError where there is no public side here: `export` then.
        """
        side = self.need_side()
        number, path = self._bundle(caller, identifiers, lambda what, share: tell(what, share * (1 - _IMPORT_SHARE)))
        import_bundle(side, path, lambda what, share: tell(what, 1 - _IMPORT_SHARE * (1 - share)))
        self._note(caller, number, "publish")
        return number

    def export(self, caller: Caller, identifiers: Sequence[int], path: Path, tell: Tell = silent) -> int:
        """The same bundle into a file, for a public side that a stick goes to; the register takes it for imported."""
        number, made = self._bundle(caller, identifiers, tell)
        try:
            unfinished = path.with_name(f".{path.name}.new")
            unfinished.write_bytes(made.read_bytes())
            unfinished.replace(path)
        except OSError as error:
            raise PublicationError(
                f"{path} に書き出せません（{error.strerror}）。空き容量を確かめてください。"
            ) from error
        self._note(caller, number, "export")
        return number

    def withdraw(self, caller: Caller, layer_id: str, tell: Tell = silent) -> int:
        """Take one layer off the public side: a new edition without it, and without waiting for a second person."""
        side, layer = self.need_side(), self.store.layer(layer_id)
        rules.require_publishing(self.store.policy, caller, layer)
        if layer.id not in self.public_layers():
            raise WrongStateError(f"「{layer.title}」は公開されていません。")
        number, path = self._bundle(caller, [], tell, without=layer.id)
        import_bundle(side, path, tell)
        self._note(caller, number, "withdraw")
        return number

    def rollback(self, caller: Caller, number: int | None = None) -> int:
        """Serve an earlier edition again, the one before when none is named. Raises UnknownEditionError, NotAllowedError."""
        side = self.need_side()
        self.reconcile(caller)
        with self.store.database.transaction() as connection:
            now = register.public_number(connection)
            wanted = number or self._before(now)
            going, coming = register.edition_layers(connection, now), register.edition_layers(connection, wanted)
        for name in sorted(going.keys() | coming.keys()):
            layer = self.store.layer(name)
            if going.get(name) != coming.get(name):
                rules.require_publishing(self.store.policy, caller, layer)
            if name in coming and name not in going:
                rules.require_exposing(self.store.policy, caller, layer)
        roll_back(side, wanted)
        self._note(caller, wanted, "rollback")
        return wanted

    def need_side(self) -> PublicSide:
        """The public side. Raises PublicSideError where there is none on this machine."""
        if self.side is None:
            raise PublicSideError(
                "この機械には公開側がありません。`onomap publish export` で束を書き出して、公開側で取り込んでください。"
            )
        return self.side

    def publication(self, identifier: int) -> Publication:
        """One publication. Raises UnknownPublicationError."""
        with self.store.database.transaction() as connection:
            return register.publication(connection, identifier)

    def require_draft(self, caller: Caller, found: Publication) -> None:
        """Raises NotAllowedError unless the caller may make drafts of that publication's layer."""
        rules.require_draft(self.store.policy, caller, self.store.layer(found.layer))

    def drawing(self, identifier: int) -> str:
        """The difference as a drawing (SVG). Raises UnknownPublicationError when there is none."""
        with self.store.database.transaction() as connection:
            return register.drawing(connection, identifier)

    def has_published(self) -> bool:
        """Whether any edition was ever made here, or is on the public side."""
        with self.store.database.transaction() as connection:
            made = register.made_editions(connection)
        return bool(made) or bool(self.held())

    def public_layers(self) -> dict[str, int]:
        """What is public now as far as is known inside: the publication of each layer."""
        with self.store.database.transaction() as connection:
            return register.edition_layers(connection, register.public_number(connection))

    def reconcile(self, caller: Caller) -> None:
        """Where a step was killed between the switch and its note, write the note now."""
        if self.side is None:
            return
        with translated(), psycopg.connect(self.side.database.owner_url) as public:
            current = served(public)
        with self.store.database.transaction() as connection:
            known = register.public_number(connection)
            made = {edition.number for edition in register.made_editions(connection)}
            if current is not None and current[0] != known and current[0] in made:
                register.note_switch(connection, current[0], "reconcile", caller)

    def _bundle(
        self, caller: Caller, identifiers: Sequence[int], tell: Tell, without: str | None = None
    ) -> tuple[int, Path]:
        self.reconcile(caller)
        approved = [self.publication(identifier) for identifier in identifiers]
        for one in approved:
            self._require(one, (register.APPROVED,))
            rules.require_publishing(self.store.policy, caller, self.store.layer(one.layer))
        tell("準備", 0.0)
        for position, one in enumerate(approved):
            self._make(one, position, len(approved), tell)
        layers = {**self.public_layers(), **{one.layer: one.id for one in approved}}
        if without is not None:
            del layers[without]
        included = [self._included(self.publication(identifier)) for identifier in layers.values()]
        order = list(self.store.catalogue)
        included.sort(key=lambda one: order.index(one.layer.id) if one.layer.id in order else len(order))
        held = max(self.held(), default=0)
        with self.store.database.transaction() as connection:
            connection.execute("LOCK TABLE onomap.public_editions IN SHARE ROW EXCLUSIVE MODE")
            number = register.next_number(connection, held)
            path = self.folder / "bundles" / f"edition-{number}.zip"
            path.parent.mkdir(parents=True, exist_ok=True)
            cover = Cover(number, datetime.now(ZoneInfo("Asia/Tokyo")), self.store.town)
            digest = write_bundle(path, cover, included, signing_key(self.folder))
            register.add_edition(connection, number, layers, digest, caller)
        return number, path

    def _make(self, one: Publication, position: int, count: int, tell: Tell) -> None:
        """The files of an approved publication; those that a killed run left are made anew."""
        layer = self.store.layer(one.layer)
        definition_holds(layer, one)
        assert one.content_sha256 is not None  # noqa: S101 - an approved publication was checked
        part = make_part(
            self.store,
            as_published(layer),
            self._part_folder(one),
            expected=one.content_sha256,
            max_zoom=self.max_zoom,
            tell=lambda share: tell(layer.title, (position + share) / count),
        )
        with self.store.database.transaction() as connection:
            register.note_part(connection, one.id, part)

    def _included(self, one: Publication) -> Included:
        part = one.part
        if part is None or one.approved_at is None:
            raise PublicationError(
                f"公開の記録 {one.id} の公開用のファイルがありません。下書きから作り直してください。"
            )
        return Included(one.published_layer, part, self._part_folder(one), one.approved_at)

    def _part_folder(self, one: Publication) -> Path:
        return self.folder / "parts" / str(one.id)

    def _published(self, layer: Layer) -> tuple[Publication, Path] | None:
        identifier = self.public_layers().get(layer.id)
        if identifier is None:
            return None
        found = self.publication(identifier)
        return found, self._part_folder(found)

    def _note(self, caller: Caller, number: int, action: str) -> None:
        with self.store.database.transaction() as connection:
            register.note_switch(connection, number, action, caller)
        self._forget_old()

    def _forget_old(self) -> None:
        """Remove the bundles and parts that no edition of the last ones needs; the register stays."""
        with self.store.database.transaction() as connection:
            kept = register.made_editions(connection)[:KEPT]
            needed = {one for edition in kept for one in edition.layers.values()}
            needed |= set(register.edition_layers(connection, register.public_number(connection)).values())
            needed |= {one.id for one in register.publications(connection) if one.state in register.OPEN_STATES}
        for folder in (self.folder / "parts").glob("*"):
            if folder.name.isdecimal() and int(folder.name) not in needed:
                shutil.rmtree(folder, ignore_errors=True)
        names = {f"edition-{edition.number}.zip" for edition in kept}
        for bundle in (self.folder / "bundles").glob("edition-*.zip"):
            if bundle.name not in names:
                bundle.unlink(missing_ok=True)

    def held(self) -> list[int]:
        """The editions that the public side holds and can be switched to, newest first; none without a public side here."""
        if self.side is None:
            return []
        with translated(), psycopg.connect(self.side.database.owner_url) as public:
            rows = public.execute("SELECT number FROM onomap.editions ORDER BY number DESC").fetchall()
        return [row[0] for row in rows]

    def _before(self, now: int) -> int:
        earlier = [number for number in self.held() if number < now]
        if not earlier:
            raise UnknownEditionError("戻せる前の版がありません。")
        return earlier[0]

    @staticmethod
    def _require(found: Publication, states: Sequence[str]) -> None:
        if found.state not in states:
            wanted = "・".join(register.STATE_LABELS[state] for state in states)
            raise WrongStateError(
                f"公開の記録 {found.id} は「{register.STATE_LABELS[found.state]}」です。この操作は「{wanted}」のときにできます。"
            )
