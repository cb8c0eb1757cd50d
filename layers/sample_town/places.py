"""Evacuation sites, shelters, public facilities and street lights: made-up names at places where houses stand."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely

from gis.formats.open_data_columns import SHEETS
from layers.sample_town import reference
from layers.sample_town.amenities import MADE_UP, OWN_SHEET, write_amenities
from layers.sample_town.areas import district_labels, district_names
from layers.sample_town.blocks import Ground
from layers.sample_town.files import SampleFile, write_features, write_table
from layers.sample_town.lines import road_lines
from layers.sample_town.outline import CENTRE, to_degrees, to_plane
from layers.sample_town.town import Town

_TOWN = "福島県田村郡小野町"


@dataclass(frozen=True)
class Place:
    """A building of the town: made-up name with kana, its parcel, and whether it is a shelter, an evacuation site or both."""

    name: str
    kana: str
    kind: str
    parcel: int
    site: bool
    shelter: str | None
    capacity: int


def write_places(town: Town, folder: Path) -> list[SampleFile]:
    """Writes all layers of this module."""
    places = _places(town)
    return [
        _evacuation(town, places, folder), _shelters(town, places, folder), _facilities(town, places, folder),
        *_amenities(town, places, folder), _lights(town, folder),
    ]  # fmt: skip


def _places(town: Town) -> list[Place]:
    """One meeting house a 大字, and the centre's public buildings."""
    rng = town.random("places")
    lots = np.flatnonzero(np.isin(town.parcels.ground, (Ground.HOUSE, Ground.CENTRE)))
    places: list[Place] = []
    for number, oaza in enumerate(reference.oaza()):
        own = lots[town.addresses.oaza[lots] == number]
        seat = to_plane(np.array([(oaza.lon, oaza.lat)]))[0]
        pool = own if len(own) else np.arange(town.parcels.faces)
        parcel = int(pool[np.argmin(np.hypot(*(town.centres[pool] - seat).T))])
        shelter = None if number % 4 == 3 else "general"
        places.append(Place(f"見本{oaza.name}集会所", f"ミホン{oaza.kana}シュウカイジョ", "集会施設", parcel, True, shelter,
                            int(rng.integers(4, 16)) * 10))  # fmt: skip
    middle = to_plane(np.array([CENTRE]))[0]
    near = lots[np.argsort(np.hypot(*(town.centres[lots] - middle).T), kind="stable")]
    near = near[town.addresses.oaza[near] == town.addresses.oaza[near[0]]]
    step = max(1, len(near) // 60)
    for index, (name, kana, kind, site, shelter, capacity) in enumerate(_CENTRE_PLACES):
        places.append(Place(name, kana, kind, int(near[min(index * step, len(near) - 1)]), site, shelter, capacity))
    return places


_CENTRE_PLACES: tuple[tuple[str, str, str, bool, str | None, int], ...] = (
    ("見本小野町役場", "ミホンオノマチヤクバ", "町役場", False, None, 0),
    ("見本町民体育館", "ミホンチョウミンタイイクカン", "体育施設", True, "general", 600),
    ("見本小学校", "ミホンショウガッコウ", "学校", True, "general", 450),
    ("見本中学校", "ミホンチュウガッコウ", "学校", True, "general", 420),
    ("見本ふるさと文化館", "ミホンフルサトブンカカン", "文化施設", False, "general", 250),
    ("見本図書館", "ミホントショカン", "図書館", False, None, 0),
    ("見本中央公園", "ミホンチュウオウコウエン", "公園", True, None, 1500),
    ("見本保健センター", "ミホンホケンセンター", "保健施設", False, "welfare", 60),
    ("見本福祉センター", "ミホンフクシセンター", "福祉施設", False, "welfare", 80),
    ("見本特別養護老人ホーム", "ミホントクベツヨウゴロウジンホーム", "福祉施設", False, "welfare", 40),
    ("見本保育所", "ミホンホイクジョ", "保育所", False, "welfare", 50),
    ("見本消防分署", "ミホンショウボウブンショ", "消防署", False, None, 0),
    ("見本公立病院", "ミホンコウリツビョウイン", "病院", False, None, 0),
    ("見本公民館", "ミホンコウミンカン", "公民館", True, "general", 180),
)


def _address(town: Town, parcel: int) -> tuple[str, str]:
    names = town.addresses
    return f"大字{names.oaza_name(parcel)}字{names.koaza_name(parcel)}", names.chiban[parcel]


def _common(place: Place, index: int) -> str:
    """The national id of the building as an evacuation site; 9nnnn cannot collide with a real one of this town."""
    return f"E07522009{index + 1:04d}"


def _flag(applies: bool) -> str:
    """Yes and no as these files write them."""
    return "1" if applies else ""


def _where(town: Town, place: Place) -> dict[str, object]:
    area, number = _address(town, place.parcel)
    lon, lat = to_degrees(town.centres[place.parcel][None])[0]
    return {
        "全国地方公共団体コード": "075221", "名称": place.name, "名称_カナ": place.kana,
        "所在地_全国地方公共団体コード": "075221", "所在地_連結表記": f"{_TOWN}{area}{number}", "所在地_都道府県": "福島県",
        "所在地_市区町村": "田村郡小野町", "所在地_町字": area, "所在地_番地以下": number, "緯度": f"{lat:.6f}",
        "経度": f"{lon:.6f}", "地方公共団体名": "福島県田村郡小野町",
    }  # fmt: skip


def _evacuation(town: Town, places: list[Place], folder: Path) -> SampleFile:
    """The open-data standard's 39 columns; inland, so neither storm surge nor tsunami."""
    rng = town.random("evacuation")
    labels = district_labels(town)
    names = district_names(town, labels)
    rows = []
    for index, place in enumerate(places):
        if not place.site:
            continue
        beyond = float(town.land.beyond_at(town.centres[place.parcel][None])[0])
        height = float(town.land.height_at(town.centres[place.parcel][None])[0])
        rows.append({
            **_where(town, place), "ID": _common(place, index), "標高": f"{height:.1f}", "市区町村コード": "075221",
            "災害種別_洪水": _flag(beyond > -40.0), "災害種別_崖崩れ、土石流及び地滑り": _flag(rng.random() < 0.6),
            "災害種別_高潮": "", "災害種別_地震": "1", "災害種別_津波": "", "災害種別_大規模な火事": _flag(rng.random() < 0.5),
            "災害種別_内水氾濫": _flag(beyond > -60.0), "災害種別_火山現象": "",
            "指定避難所との重複": _flag(place.shelter is not None), "想定収容人数": str(place.capacity),
            "対象となる町会・自治会": names[int(labels[place.parcel])][0], "備考": "架空の見本です",
        })  # fmt: skip
    path = write_table(folder / "075221_evacuation_space_sample.csv", SHEETS["evacuation_space"], rows)
    return SampleFile("evacuation_sites", path, town.days_ago(160))


def _shelters(town: Town, places: list[Place], folder: Path) -> SampleFile:
    """A GeoJSON as 国土地理院 publishes it; a building stands some metres beside its evacuation site, as in the real ones."""
    rng = town.random("shelters")
    features = []
    for index, place in enumerate(places):
        if place.shelter is None:
            continue
        area, number = _address(town, place.parcel)
        point = town.centres[place.parcel] + rng.normal(0.0, 6.0, 2)
        lon, lat = np.round(to_degrees(point[None])[0], 6).tolist()
        identifier = _common(place, index).replace("E", "S", 1) if not place.site else _common(place, index)
        features.append({
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [lon, lat]},
            "properties": {
                "NO": 90001 + index, "共通ID": identifier, "都道府県名及び市町村名": "福島県小野町", "施設・場所名": place.name,
                "名称_カナ": place.kana, "住所": f"福島県小野町{area}{number}", "収容人数": place.capacity,
                "shelter_type": place.shelter, "指定緊急避難場所との住所同一": _flag(place.site), "備考": "架空の見本です",
            },
        })  # fmt: skip
    path = folder / "075221_shelters_sample.geojson"
    document = {"type": "FeatureCollection", "name": "075221", "features": features}
    path.write_text(json.dumps(document, ensure_ascii=False, indent=1), encoding="utf-8")
    return SampleFile("shelters", path, town.days_ago(160))


def _facilities(town: Town, places: list[Place], folder: Path) -> SampleFile:
    rows: list[dict[str, object]] = []
    for index, place in enumerate(places):
        if place.name in OWN_SHEET:
            continue
        row = _where(town, place)
        row |= {
            "ID": f"{index + 1:04d}", "電話番号": f"0247-00-{index + 1:04d}",
            "利用可能曜日": "月火水木金" if place.kind in ("町役場", "保健施設", "福祉施設", "保育所") else "月火水木金土日",
            "開始時間": "08:30", "終了時間": "17:15" if place.kind == "町役場" else "21:00",
            "説明": f"{place.kind}（架空の見本です）", "車椅子可": "可" if place.capacity != 40 else "",
            "備考": MADE_UP, "種別": place.kind, "POIコード": _POI.get(place.kind, ""),
            "多目的トイレ": "有" if place.capacity > 200 else "", "オストメイト対応トイレ": "有" if place.kind == "町役場" else "",
            "授乳室": "有" if place.kind in ("町役場", "保健施設", "図書館") else "",
            "盲導犬・介助犬・聴導犬同伴": "有" if place.capacity > 100 else "",
            "優先駐車場": "有" if place.kind in ("町役場", "保健施設") else "",
        }  # fmt: skip
        rows.append(row)
    path = write_table(folder / "075221_public_facility_sample.csv", (*SHEETS["public_facility"], "種別"), rows)
    return SampleFile("facilities", path, town.days_ago(190))


_POI = {"町役場": "1303", "公民館": "1307", "図書館": "1512", "消防署": "1214"}


def _amenities(town: Town, places: list[Place], folder: Path) -> list[SampleFile]:
    def where(parcel: int) -> dict[str, object]:
        return _where(town, Place("", "", "", parcel, False, None, 0))

    buildings = [(place.name, place.kana, place.kind, place.parcel) for place in places]
    return write_amenities(town, buildings, where, folder)


def _lights(town: Town, folder: Path) -> SampleFile:
    """Lamps along roads near houses; the file is older than its update cycle, so that its answers must be renewed."""
    rng = town.random("lights")
    lots = np.flatnonzero(np.isin(town.parcels.ground, (Ground.HOUSE, Ground.CENTRE)))
    tree = shapely.STRtree(shapely.points(town.centres[lots]))
    points: list[shapely.Point] = []
    for road, line in zip(town.roads.roads, road_lines(town), strict=True):
        if line is None or road.kind in ("forest_road", "other"):
            continue
        for part in shapely.get_parts(line):
            at = np.arange(20.0, part.length, 70.0)
            side = shapely.offset_curve(part, road.width / 2.0 + 0.2)
            if side.is_empty:
                continue
            points += [side.interpolate(float(place) / part.length * side.length) for place in at]
    near = np.unique(tree.query(points, predicate="dwithin", distance=32.0)[0])
    lamps = np.array(points, dtype=object)[near]
    labels = district_labels(town)
    names = district_names(town, labels)
    home = shapely.STRtree(shapely.points(town.centres)).nearest(lamps)
    led = rng.random(len(lamps)) < 0.7
    path = write_features(
        folder / "street_lights_sample.fgb",
        lamps,
        {
            "light_id": [f"L{index + 1:05d}" for index in range(len(lamps))],
            "kind": np.where(led, "LED", "水銀灯").astype(object),
            "watt": np.where(led, 10.0, 80.0),
            "district": [names[int(labels[parcel])][0] for parcel in home.tolist()],
            "installed_on": [town.days_ago(int(days)) for days in rng.integers(900, 9000, len(lamps))],
        },
        "Point",
    )
    return SampleFile("street_lights", path, town.days_ago(760))
