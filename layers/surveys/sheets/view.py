"""The truth as the lines of text that stand on the sheet; HTML and PDF show the same."""

from collections.abc import Iterator
from dataclasses import dataclass

from gis.boundary_comparison.areas import AreaCheck
from gis.boundary_comparison.model import TWO_SIDED_95, Neighbour, Place, Verdict
from gis.japanese_dates import japanese_date, japanese_time
from gis.positioning.model import Epoch, Vertex
from layers.surveys.sheets.notices import explanations, notices
from layers.surveys.sheets.sentences import SIGNS, answer, further_sentences, headline, named
from layers.surveys.sheets.words import (
    MARKS,
    TITLE,
    area_texts,
    away,
    corner_name,
    metres,
    plus_minus,
    quality_text,
    scatter_text,
    short_quality,
    square_metres,
    verdict_text,
)
from layers.surveys.truth_model import Held, LayerRead, Truth

MOST_ROWS = 40
"""Places in the table on paper; the JSON has every one."""
NOT_COMPARED = "―"
READING = (
    "図の見方：番号の付いた実線（青）が測ったあぜ、一点鎖線が地番図の線、破線が筆ポリゴンの線です。"
    "斜線の帯は「登記の線は、この帯の中のどこかにある」という幅、点々の帯は筆ポリゴンの線の幅です。"
)


@dataclass(frozen=True)
class PlaceRow:
    """One corner, or a place between two."""

    name: str
    position: str
    distance: str
    uncertainty: str
    parcel: str
    verdict: str
    kind: str
    farmland: str
    own: str
    quality: str


@dataclass(frozen=True)
class AreaRow:
    """One area and how it compares with the measured one."""

    title: str
    m2: str
    ares: str
    tan: str
    farmers: str
    difference: str
    tolerance: str
    verdict: str
    kind: str


@dataclass(frozen=True)
class GroundRow:
    """A parcel on which the field lies, or a neighbour."""

    label: str
    role: str
    overlap: str
    told: str
    verdict: str
    kind: str


@dataclass(frozen=True)
class SourceRow:
    """A load that was read."""

    title: str
    load: str
    data_date: str
    accuracy: str
    file: str
    sha256: str


@dataclass(frozen=True)
class SheetView:
    """Everything on the sheet but its pictures. `kind` and `mark` are those of its answer."""

    title: str
    municipality: str
    field: str
    kind: str
    mark: str
    headline: str
    sentences: tuple[str, ...]
    reading: str
    facts: tuple[tuple[str, str], ...]
    places: tuple[PlaceRow, ...]
    places_note: str
    areas: tuple[AreaRow, ...]
    grounds: tuple[GroundRow, ...]
    explanations: tuple[str, ...]
    notices: tuple[str, ...]
    sources: tuple[SourceRow, ...]
    attributions: tuple[str, ...]
    fictitious: bool


def view(truth: Truth) -> SheetView:
    """The texts of the sheet."""
    told = answer(truth)
    rows, note = _place_rows(truth)
    return SheetView(
        title=TITLE,
        municipality=truth.municipality,
        field=truth.surveyed.field_name or truth.surveyed.field_id,
        kind=told.value,
        mark=SIGNS[told],
        headline=headline(truth),
        sentences=tuple(further_sentences(truth)),
        reading=READING,
        facts=tuple(_facts(truth)),
        places=rows,
        places_note=note,
        areas=tuple(_areas(truth)),
        grounds=tuple(_grounds(truth)),
        explanations=tuple(explanations(truth)),
        notices=tuple(notices(truth)),
        sources=tuple(_source(one) for one in truth.layers),
        attributions=tuple(dict.fromkeys(one.attribution for one in truth.layers)),
        fictitious=truth.fictitious,
    )


def _facts(truth: Truth) -> Iterator[tuple[str, str]]:
    surveyed, station = truth.surveyed, truth.surveyed.station
    yield "圃場", f"{surveyed.field_name or '名前なし'}（{surveyed.field_id}、第{surveyed.version}版）"
    day = "記載なし" if surveyed.surveyed_on is None else japanese_date(surveyed.surveyed_on)
    yield "測った日・人", f"{day}・{surveyed.surveyor or '記載なし、またはこの画面では示さない'}"
    corners = truth.surveyed.boundary.vertices
    qualities = list(dict.fromkeys(quality_text(vertex) for vertex in corners))
    claimed = "（FIX は利用者の申告）" if surveyed.claimed_fix else ""
    yield "測位の品質", f"{'、'.join(qualities)}{claimed}"
    kept = "" if surveyed.is_measured else "（読み込んだ図形のため、全部の角に圃場の標準誤差を当てる）"
    yield "角の数・測った線の幅", f"{len(corners)}点・{scatter_text(corners)}（95 %）{kept}"
    base = "・".join(text for text in (station.base_station, station.mount_point) if text)
    yield "基準局", base or "記載なし"
    height = "" if surveyed.antenna_height_m is None else f"・アンテナ高 {surveyed.antenna_height_m:.2f} m"
    yield "受信機", f"{station.receiver or '記載なし'}{height}"
    epoch = "元期" if station.epoch is Epoch.REFERENCE else "今期（セミダイナミック補正で元期に直した）"
    yield "測地系・元期/今期", f"{station.datum or '記載なし'}・{epoch}"
    yield "照合した日時", japanese_time(truth.as_of)


def _place_rows(truth: Truth) -> tuple[tuple[PlaceRow, ...], str]:
    """Rows of all places, or of the gravest when there are many, and the words that say so."""
    boundary = truth.surveyed.boundary
    rows: list[tuple[float, PlaceRow]] = []
    between = truth.cadastral.comparison.between if truth.cadastral is not None else ()
    for number, ring in enumerate(boundary.rings):
        for index, vertex in enumerate(ring):
            place = None if truth.cadastral is None else truth.cadastral.place(number, index)
            rows.append((_gravity(place), _corner_row(truth, number, index, vertex, place)))
            here = [one for one in between if (one.ring, one.vertex) == (number, index)]
            rows += [(_gravity(one), _between_row(truth, one)) for one in here]
    if len(rows) <= MOST_ROWS:
        return tuple(row for _, row in rows), ""
    gravest = sorted(range(len(rows)), key=lambda index: -rows[index][0])[:MOST_ROWS]
    chosen = [rows[index][1] for index in sorted(gravest)]
    note = f"全 {len(rows)} か所のうち、差の大きい {len(chosen)} か所を示します。全部の値は JSON 形式にあります。"
    return tuple(chosen), note


def _gravity(place: Place | None) -> float:
    return -1.0 if place is None else abs(place.distance_m) / place.uncertainty_m


def _corner_row(truth: Truth, ring: int, index: int, vertex: Vertex, place: Place | None) -> PlaceRow:
    farmland = None if truth.farmland is None else truth.farmland.place(ring, index)
    return PlaceRow(
        name=corner_name(ring, index) if ring else f"角{index + 1}",
        position=f"X={vertex.y:,.2f} Y={vertex.x:,.2f}",
        farmland=NOT_COMPARED if farmland is None else f"{away(farmland.distance_m)} {MARKS[farmland.verdict]}",
        own=plus_minus(TWO_SIDED_95 * vertex.sigma_m),
        quality=short_quality(vertex),
        **_compared(truth, place),
    )


def _between_row(truth: Truth, place: Place) -> PlaceRow:
    return PlaceRow(
        name=named(truth, place),
        position=f"X={place.y:,.2f} Y={place.x:,.2f}",
        farmland="",
        own=plus_minus(TWO_SIDED_95 * place.sigma_m),
        quality="角の間",
        **_compared(truth, place),
    )


def _compared(truth: Truth, place: Place | None) -> dict[str, str]:
    if place is None or truth.cadastral is None:
        words = "比べる線がない"
        return {"distance": NOT_COMPARED, "uncertainty": NOT_COMPARED, "parcel": "", "verdict": words, "kind": "none"}
    return {
        "distance": away(place.distance_m),
        "uncertainty": plus_minus(place.uncertainty_m),
        "parcel": truth.cadastral.parcel(place.parcel).number or truth.cadastral.parcel(place.parcel).label,
        "verdict": verdict_text(place.verdict),
        "kind": place.verdict.value,
    }


def _areas(truth: Truth) -> Iterator[AreaRow]:
    area = truth.area
    error = f"±{TWO_SIDED_95 * area.standard_error_m2:,.1f} ㎡（95 %）"
    yield AreaRow("測った面積", *area_texts(area.m2), "", error, "", "none")
    if truth.cadastral is not None:
        yield from _checked("地番図の面積", truth.cadastral.drawn)
        yield from _checked("登記の地積", truth.cadastral.registered)
    if truth.farmland is not None:
        m2 = sum(float(one.parcel.geometry.area) for one in truth.farmland.comparison.ground)
        difference = f"{area.m2 - m2:+,.1f} ㎡"
        yield AreaRow("筆ポリゴン", *area_texts(m2), difference, "定めなし", "", "none")


def _checked(title: str, check: AreaCheck | None) -> Iterator[AreaRow]:
    if check is not None:
        tolerance = f"{check.tolerance_m2:,.1f} ㎡（不確かさ ±{check.uncertainty_m2:,.1f} ㎡）"
        words = verdict_text(check.verdict)
        yield AreaRow(
            title, *area_texts(check.m2), f"{check.difference_m2:+,.1f} ㎡", tolerance, words, check.verdict.value
        )


def _grounds(truth: Truth) -> Iterator[GroundRow]:
    if truth.cadastral is None:
        return
    for one in truth.cadastral.comparison.ground:
        named_class = one.parcel.accuracy_class
        told = f"圃場の {one.share_of_field:.0%}、この筆の {one.share_of_parcel:.0%}"
        limit = f"精度区分 {named_class or 'なし（乙三とみなす）'}、線の幅 {plus_minus(one.parcel.limit_m)}"
        yield GroundRow(one.parcel.label, "圃場のある筆", square_metres(one.overlap_m2), told, limit, "none")
    yield from (_neighbour(one, truth.cadastral) for one in truth.cadastral.comparison.neighbours)


def _neighbour(one: Neighbour, held: Held) -> GroundRow:
    uncertainty = plus_minus(one.uncertainty_m)
    if one.is_overlapped:
        told = f"最大 {metres(one.reach_m)} 入る（不確かさ {uncertainty}）"
        return GroundRow(
            one.parcel.label,
            "となり・重なる",
            square_metres(one.overlap_m2),
            told,
            _explained(one.verdict),
            one.verdict.value,
        )
    told = f"{metres(one.reach_m)} 離れる（不確かさ {uncertainty}）" if one.reach_m < -0.005 else "接する"
    return GroundRow(one.parcel.label, "となり・接する", "0 ㎡", told, "重なりなし（図の上で）", "none")


def _explained(verdict: Verdict) -> str:
    return {
        Verdict.WITHIN: "○ 地図の誤差で説明できる",
        Verdict.BEYOND: "▲ 地図の誤差では説明できない",
        Verdict.TOO_COARSE: "？ 測位の精度が足りない",
    }[verdict]


def _source(one: LayerRead) -> SourceRow:
    day = "日付なし" if one.data_date is None else japanese_date(one.data_date)
    loaded = japanese_time(one.loaded_at).removesuffix("（日本時間）")
    return SourceRow(one.title, str(one.load), day, one.accuracy, f"{one.file_name}（{loaded} 読込）", one.file_sha256)
