"""Fonts a PDF is printed with, and the gate that stops a sheet on a character none of them has (外字)."""

import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import typst

from gis.errors import MissingFontError, UnprintableCharacterError

FAMILIES = (
    "Noto Sans CJK JP",
    "Noto Sans JP",
    "BIZ UDPGothic",
    "BIZ UDGothic",
    "IPAexGothic",
    "IPAGothic",
    "Yu Gothic",
    "Meiryo",
    "IPAmj Mincho",
)
"""Japanese families in order of preference; each later one lends the characters that the earlier ones lack."""

_CLUSTER = re.compile(
    "[^\ufe00-\ufe0f\u3099\u309a\U000e0100-\U000e01ef][\ufe00-\ufe0f\u3099\u309a\U000e0100-\U000e01ef]*"
)
_UNPRINTABLE = {"Co", "Cs", "Cn", "Cc"}
_NAMED = 40


@dataclass(frozen=True)
class SheetFonts:
    """The fonts typst may use and the Japanese families among them, in order of preference."""

    book: typst.Fonts
    families: tuple[str, ...]


@lru_cache(maxsize=4)
def find_fonts(folders: tuple[Path, ...] = (), *, system: bool = True) -> SheetFonts:
    """Japanese fonts of the machine and of `folders`; MissingFontError names the packages to install."""
    book = typst.Fonts(
        include_system_fonts=system, include_embedded_fonts=False, font_paths=[str(folder) for folder in folders]
    )
    present = set(book.families())
    families = tuple(family for family in FAMILIES if family in present)
    if not families:
        raise MissingFontError(
            "PDFに使う日本語フォントがありません。"
            "sudo apt-get install fonts-noto-cjk fonts-ipaexfont でフォントを入れてください。"
        )
    return SheetFonts(book, families)


def refuse_unprintable(texts: Iterable[tuple[str, str]], fonts: SheetFonts) -> None:
    """Raises UnprintableCharacterError naming the first character no font prints, and where it stands.

    `texts` are pairs of a place (「照会者」) and a text. Private-use characters (外字 of one machine) are refused even
    if a font has a shape for them: it would be another shape than the one meant. Line breaks pass.
    """
    where: dict[str, str] = {}
    for place, text in texts:
        for cluster in _CLUSTER.findall(text.replace("\n", "")):
            where.setdefault(cluster, f"{place}「{text[:_NAMED]}」")
    for cluster, place in where.items():
        if unicodedata.category(cluster[0]) in _UNPRINTABLE:
            raise _refusal(cluster, place)
    unprintable = _first_without_glyph(sorted(where), fonts)
    if unprintable is not None:
        raise _refusal(unprintable, where[unprintable])


def _refusal(cluster: str, place: str) -> UnprintableCharacterError:
    codes = " ".join(f"U+{ord(char):04X}" for char in cluster)
    shown = f"「{cluster}」（{codes}）" if unicodedata.category(cluster[0]) not in _UNPRINTABLE else f"（{codes}）"
    printable = "".join(char if unicodedata.category(char) not in _UNPRINTABLE else "〓" for char in place)
    return UnprintableCharacterError(
        f"{printable}にある文字{shown}を印刷できるフォントがありません。"
        "文字を置き換えるか、その文字を含むフォントを入れてください。"
    )


def _first_without_glyph(clusters: Sequence[str], fonts: SheetFonts) -> str | None:
    """The first cluster the fonts cannot print, found by halving; None when all print, in one pass of about 0.1 s."""
    if not clusters or _prints(clusters, fonts):
        return None
    if len(clusters) == 1:
        return clusters[0]
    half = len(clusters) // 2
    return _first_without_glyph(clusters[:half], fonts) or _first_without_glyph(clusters[half:], fonts)


def _prints(clusters: Sequence[str], fonts: SheetFonts) -> bool:
    """PDF/UA-1 forbids a missing glyph (ISO 14289-1 7.21.8), and typst refuses to write one."""
    families = ", ".join(f'"{family}"' for family in fonts.families)
    source = (
        f'#set document(title: "glyphs")\n#set text(lang: "ja", font: ({families},), fallback: false)\n'
        "#for cluster in json(bytes(sys.inputs.clusters)) [#text(cluster) ]"
    )
    try:
        typst.compile(
            source.encode(),
            font_paths=fonts.book,
            sys_inputs={"clusters": json.dumps(list(clusters), ensure_ascii=False)},
            pdf_standards="ua-1",
        )
    except typst.TypstError as error:
        if "could not be displayed" in str(error):
            return False
        raise
    return True
