"""Boundaries, headlands and guidance lines that a file holds one by one, put together into fields.

ISOXML nests what belongs together; the common formats do not. Files written here carry the role and the field of each
piece; in the files of others an area is a boundary, and what cannot be told apart is noted, not guessed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from gis.errors import UnreadableFileError
from gis.formats.machine.model import GuidanceLine, MachineField, Position, Ring
from gis.formats.machine.rings import covers, is_ring


class Role(StrEnum):
    """What a piece is; the words stand in the files."""

    BOUNDARY = "boundary"
    INNER = "inner"
    HEADLAND = "headland"
    GUIDANCE = "guidance"


@dataclass(frozen=True)
class Piece:
    """One ring or line. `field_id` says to which field it belongs, empty where the file does not say.

    `inners` are the holes that the same area carries itself.
    """

    role: Role
    positions: Sequence[Position]
    name: str = ""
    field_id: str = ""
    inners: Sequence[Ring] = ()
    width_m: float | None = None
    farmer: str = ""
    area_m2: float | None = None


@dataclass
class Pieces:
    """The pieces of a file and what could not be carried over."""

    label: str
    found: list[Piece] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def note(self, sentence: str) -> None:
        """Says it once."""
        if sentence not in self.notes:
            self.notes.append(sentence)

    def fields(self) -> list[MachineField]:
        """The fields in the file's order. Raises UnreadableFileError when there is no boundary in the file."""
        parts = self._parts()
        if not parts:
            raise UnreadableFileError(
                f"{self.label} に圃場の境界（面）がありません。圃場の境界を書き出したファイルを指定してください。"
            )
        self._join(parts)
        return [replace(part, notes=(*part.notes, *self.notes)) for part in parts]

    def _parts(self) -> list[MachineField]:
        boundaries = []
        for piece in self.found:
            if piece.role is not Role.BOUNDARY:
                continue
            if is_ring(piece.positions):
                boundaries.append(piece)
            else:
                self.note(f"「{piece.name}」は点が3つに満たないため境界にできません。")
        return [self._part(boundaries, at) for at in range(len(boundaries))]

    def _part(self, boundaries: Sequence[Piece], at: int) -> MachineField:
        piece = boundaries[at]
        same = [other for other in boundaries if piece.field_id and other.field_id == piece.field_id]
        name, own_id = piece.name or f"圃場{at + 1}", piece.field_id or str(at + 1)
        inners = [ring for ring in piece.inners if is_ring(ring)]
        if len(inners) < len(piece.inners):
            self.note(f"「{name}」の内側の境界のうち、点が3つに満たないものは除きました。")
        part = MachineField(own_id, name, piece.positions, inners, area_m2=piece.area_m2, farmer=piece.farmer)
        if len(same) < 2:
            return part
        place = [other is piece for other in same].index(True) + 1
        note = f"「{name}」は{len(same)}つに離れているため、{len(same)}筆の圃場に分けました。"
        return replace(part, id=f"{own_id}-{place}", name=f"{name}（{place}/{len(same)}）", area_m2=None, notes=(note,))

    def _join(self, parts: list[MachineField]) -> None:
        for piece in self.found:
            if piece.role is Role.BOUNDARY:
                continue
            at = self._home(piece, parts)
            if at is None:
                self.note(f"「{piece.name or piece.role.value}」は、どの圃場のものか分からないため取り込みません。")
            else:
                parts[at] = self._joined(piece, parts[at])

    def _home(self, piece: Piece, parts: Sequence[MachineField]) -> int | None:
        """The one field that the piece names; where a field was divided, the part that it lies in."""
        named = [
            at
            for at, part in enumerate(parts)
            if piece.field_id and (part.id == piece.field_id or part.id.rpartition("-")[0] == piece.field_id)
        ]
        if len(named) > 1 and is_ring(piece.positions):
            named = [at for at in named if covers(parts[at].outer, piece.positions)][:1]
        return named[0] if named else None

    def _joined(self, piece: Piece, part: MachineField) -> MachineField:
        if piece.role is Role.GUIDANCE:
            if len(piece.positions) < 2:
                self.note(f"「{piece.name}」は点が足りないため誘導線にできません。")
                return part
            name = piece.name or f"誘導線{len(part.guidance) + 1}"
            return replace(part, guidance=(*part.guidance, GuidanceLine(name, piece.positions, piece.width_m)))
        if not is_ring(piece.positions):
            self.note(f"「{piece.name}」は点が3つに満たないため除きました。")
            return part
        if piece.role is Role.INNER:
            return replace(part, inners=(*part.inners, piece.positions))
        if part.headland is not None:
            self.note(f"「{part.name}」の枕地の線が2本以上あるため、最初の1本だけを取り込みました。")
            return part
        return replace(part, headland=piece.positions)
