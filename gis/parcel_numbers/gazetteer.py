"""The 大字 and 字 of a town, found at the start of a text whatever form of a character was typed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from gis.parcel_numbers.folding import compatible, fold_each
from gis.parcel_numbers.keys import koaza_name, oaza_name

# 宮ノ下 is also written 宮下, 松ケ崎 also 松崎.
_OFTEN_LEFT_OUT = str.maketrans("", "", "ノケ")


class _Names:
    """Names of one kind and scope, by comparable form."""

    def __init__(self, names: Iterable[str], readings: Mapping[str, Sequence[str]] | None = None) -> None:
        self._by_form: dict[str, list[str]] = {}
        known = [name for name in dict.fromkeys(names) if name]
        for name in known:
            self._by_form.setdefault(fold_each(name), []).append(name)
        for name in known:
            for reading in (readings or {}).get(name, ()):
                self._by_form.setdefault(fold_each(compatible(reading)), [name])
        for form, same in list(self._by_form.items()):
            short = form.translate(_OFTEN_LEFT_OUT)
            if len(short) > 1:
                self._by_form.setdefault(short, same)
        self._longest = max(map(len, self._by_form), default=0)

    def at(self, text: str, forms: str, start: int) -> Iterator[tuple[str, int]]:
        """Yield the names that stand at `start` with where they end, longest first."""
        for end in range(min(len(forms), start + self._longest), start, -1):
            names = self._by_form.get(forms[start:end])
            if names:
                yield (text[start:end] if text[start:end] in names else names[0]), end

    def find(self, name: str) -> str | None:
        """Return the name as the town writes it, or None."""
        names = self._by_form.get(fold_each(name), [])
        return name if name in names else next(iter(names), None)


class Gazetteer:
    """The oaza of a town with the koaza of each, and the words that may stand in front of them.

    Give the names of the cadastral layer: what is found is returned as it is written there. `municipality` holds the
    parts of the town's address in order, as ("福島県", "田村郡", "小野町"); any of them may be missing in a text.
    `readings` are the oaza's in kana; one is found where its name could stand.
    """

    def __init__(
        self,
        places: Mapping[str, Iterable[str]],
        municipality: Sequence[str] = (),
        readings: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        koaza = {oaza_name(oaza): [koaza_name(name) for name in names] for oaza, names in places.items()}
        self._oaza = _Names(koaza, readings)
        self._koaza = {oaza: _Names(names) for oaza, names in koaza.items()}
        self._any_koaza = _Names(name for names in koaza.values() for name in names)
        self._municipality = [fold_each(part) for part in municipality]

    def after_municipality(self, forms: str) -> int:
        """Return where the text goes on after prefecture, county and town."""
        position = 0
        for part in self._municipality:
            if forms.startswith(part, position):
                position += len(part)
        return position

    def oaza_at(self, text: str, forms: str, start: int) -> Iterator[tuple[str, int]]:
        """Yield the oaza at `start` of a text and its comparable form, longest first, and where each ends."""
        return self._oaza.at(text, forms, start)

    def koaza_at(self, text: str, forms: str, start: int, oaza: str | None) -> Iterator[tuple[str, int]]:
        """Yield the koaza of an oaza (of any, for None) at `start`, longest first, and where each ends."""
        names = self._any_koaza if oaza is None else self._koaza[oaza]
        return names.at(text, forms, start)

    def oaza(self, name: str) -> str | None:
        """Return the oaza as the town writes it, or None when there is none of that name."""
        return self._oaza.find(name)

    def koaza_in(self, oaza: str, koaza: str) -> str | None:
        """Return the koaza as that oaza writes it, or None when it has none of that name."""
        return self._koaza[oaza].find(koaza) if oaza in self._koaza else None

    def oaza_with(self, koaza: str) -> list[str]:
        """Return the oaza that have a koaza of that name."""
        return [oaza for oaza, names in self._koaza.items() if names.find(koaza) is not None]
