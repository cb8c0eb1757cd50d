"""Made-up owners and taxes (架空) for the parcels of the sample town."""

import csv
from hashlib import sha256
from pathlib import Path

FAMILIES = ("架空", "見本", "仮名", "例示", "試験", "作中", "想定", "模擬")
GIVEN = ("一郎", "二郎", "花子", "桜", "実", "薫", "歩", "光", "稔", "梢", "望", "茜")
COMPANIES = ("見本農産株式会社", "架空林業合同会社", "仮名建設株式会社")
CAUSES = ("相続", "売買", "贈与", "交換")
YEN_PER_M2 = {"田": 120, "畑": 80, "宅地": 14_000, "山林": 25, "雑種地": 3_000, "原野": 10}
"""By 課税地目; others, such as 公衆用道路, are not taxed."""
FISCAL_YEAR = 2026
OWNER_COLUMNS = ("parcel_key", "position", "owner_name", "owner_address", "share", "cause")
TAX_COLUMNS = ("parcel_key", "fiscal_year", "land_category", "assessed_area_m2", "assessed_value", "tax_base")


def write_ledgers(parcels: list[tuple[str, float | None, str | None]], folder: Path) -> dict[str, Path]:
    """Writes both ledgers for parcels given as key, area in square metres and 地目; by ledger, its file."""
    files = {name: folder / f"{name}.csv" for name in ("land_owners", "land_taxes")}
    with (
        files["land_owners"].open("w", encoding="utf-8-sig", newline="") as owners,
        files["land_taxes"].open("w", encoding="utf-8-sig", newline="") as taxes,
    ):
        owner_rows, tax_rows = csv.writer(owners), csv.writer(taxes)
        owner_rows.writerow(OWNER_COLUMNS)
        tax_rows.writerow(TAX_COLUMNS)
        for key, area, category in parcels:
            chance = sha256(key.encode()).digest()
            owner_rows.writerows(_owners(key, chance))
            tax_rows.writerow(_tax(key, area or 100.0, category))
    return files


def _owners(key: str, chance: bytes) -> list[tuple[object, ...]]:
    cause = CAUSES[chance[0] % len(CAUSES)]
    if chance[1] < 16:
        return [(key, 1, COMPANIES[chance[2] % len(COMPANIES)], _address(chance[3]), "", cause)]
    holders = 2 if chance[4] < 40 else 1
    family = FAMILIES[chance[5] % len(FAMILIES)]
    share = "2分の1" if holders == 2 else ""
    return [
        (key, place + 1, f"{family} {GIVEN[chance[6 + place] % len(GIVEN)]}", _address(chance[8]), share, cause)
        for place in range(holders)
    ]


def _address(number: int) -> str:
    return f"福島県田村郡小野町大字架空{number + 1}番地"


def _tax(key: str, area: float, category: str | None) -> tuple[object, ...]:
    value = round(area * YEN_PER_M2.get(category or "", 0))
    return (key, FISCAL_YEAR, category or "", f"{area:.2f}", value, value // 3 if category == "宅地" else value)
