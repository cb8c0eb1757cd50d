"""What one written number asks for."""

from dataclasses import dataclass

from gis.parcel_numbers.keys import ParcelNumber, sort_key


@dataclass(frozen=True)
class ParcelQuery:
    """One parcel, or one range of parcels, as it was asked for.

    `oaza` and `koaza` are None when they were not stated: then any will do; a koaza of "" says that there is none.
    `known` is False when a place was written that the gazetteer has not got; the names are then as written. `chiban`
    is in normal form, "" when only a place was named; `chiban_to` ends a range, both ends included. `partial` says that
    only a part of the parcel was meant; `remark` keeps the words that said so, or others that follow a number (地先,
    外3筆). `raw` is the piece of the text, in NFKC.
    """

    oaza: str | None
    koaza: str | None
    chiban: str
    chiban_to: str | None = None
    partial: bool = False
    remark: str = ""
    known: bool = True
    raw: str = ""

    @property
    def key(self) -> str:
        """The key of the parcel asked for (of the first, for a range), "" standing for what was not stated."""
        return ParcelNumber(self.oaza or "", self.koaza or "", self.chiban).key

    @property
    def complete(self) -> bool:
        """Whether the oaza and the number are known, so that at most a koaza is left open."""
        return self.known and bool(self.oaza) and bool(self.chiban)

    def takes(self, chiban: str) -> bool:
        """Tell whether a parcel's number is the one asked for, or within the range asked for.

        A range takes the branches of its ends: 12 to 15 takes 12-1 and 15-3; 12-1 to 12-5 takes 12-5-2.
        """
        if self.chiban_to is None:
            return chiban == self.chiban
        number, first, last = sort_key(chiban), sort_key(self.chiban), sort_key(self.chiban_to)
        return first <= number and number[: len(last)] <= last
