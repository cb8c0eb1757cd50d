"""The guide: everything of one published edition that answers "what may happen here, and where do I go", in memory."""

import time
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import islice
from logging import getLogger
from zoneinfo import ZoneInfo

import numpy as np
import shapely
from pyproj import Transformer

from gis.crs import Datum, geographic_epsg
from layers.guidance import destinations
from layers.guidance.destinations import SHELTERS, SITES, Ways, nearest_sites, shelters_of, sites_of
from layers.guidance.foot import Floats, Footways
from layers.guidance.model import Destination, Guidance, Hazard, Risk, Told, Way
from layers.guidance.pieces import Edges, Pieces
from layers.guidance.places import NamedAreas, districts_of, oaza_of, town_outline
from layers.guidance.reading import LONGEST_READ_S, Reader
from layers.guidance.road_lines import COLUMNS, noded, walkable
from layers.guidance.zones import ZONE_LAYERS, Zones
from layers.store.definitions import Layer
from layers.store.editions import Edition
from layers.store.outcomes import Outcome
from layers.store.readable import Readable

ROADS = "roads"
ALWAYS = (Hazard.FLOOD, Hazard.LANDSLIDE, Hazard.INLAND_FLOOD, Hazard.EARTHQUAKE, Hazard.LARGE_FIRE)
"""Hazards that are always spoken of; the others (of the coast, of a volcano) where the town designated a site for them."""
EDGE_OF_TOWN_M = 20.0
"""So far beyond its outline a place is still taken for the town's: a national outline is no more exact."""
_JAPAN = ZoneInfo("Asia/Tokyo")
log = getLogger(__name__)


class Ages:
    """Where the layers come from and how old they are; whether one is past its update cycle is asked anew each day."""

    def __init__(self, layers: Mapping[str, Layer], editions: Mapping[str, Edition]) -> None:
        self.layers, self.editions = layers, editions
        self._kept: tuple[date, Mapping[str, Told]] = (date.min, {})

    def told(self, today: date) -> Mapping[str, Told]:
        """What is said of each layer today."""
        day, told = self._kept
        if day != today:
            told = {name: _told(layer, self.editions[name], today) for name, layer in self.layers.items()}
            self._kept = (today, told)
        return told

    def stale_after(self, name: str) -> date:
        """The last day on which the layer is within its update cycle."""
        edition = self.editions[name]
        known = edition.data_date or edition.whole_loads[-1].loaded_at.date()
        return known + timedelta(days=self.layers[name].update_cycle_days)


@dataclass(frozen=True)
class Guide:
    """One edition's answers. It holds no connection, never changes, and may be asked from several threads."""

    zones: tuple[Zones, ...]
    town: tuple[Pieces, Edges]
    oaza: NamedAreas
    districts: NamedAreas
    sites: tuple[Destination, ...]
    shelters: tuple[Destination, ...]
    foot: Footways | None
    ages: Ages
    project: Transformer

    @classmethod
    def of(cls, store: Readable) -> "Guide":
        """Read an edition. Raises StoreUnavailableError, and what its database raises when the edition changes meanwhile."""
        started = time.perf_counter()
        with store.database.transaction(timeout_s=LONGEST_READ_S) as connection:
            guide = _built(Reader.of(store, connection))
        log.info(
            "案内の準備: %.1f 秒、区域 %s、避難場所 %d、避難所 %d、道 %.0f km",
            time.perf_counter() - started,
            "・".join(zones.kind.layer for zones in guide.zones),
            len(guide.sites),
            len(guide.shelters),
            guide.foot.length_m / 1000 if guide.foot is not None else 0,
        )
        return guide

    def at(self, lon: float, lat: float, today: date | None = None, shut: Collection[tuple[str, int]] = ()) -> Guidance:
        """What is said of a place, in degrees (JGD2011, which WGS 84 is taken for); nobody is sent to what is `shut`."""
        x, y = self.project.transform(lon, lat)
        if not (np.isfinite(x) and np.isfinite(y)):
            return Guidance(lon, lat, in_town=False)
        point = shapely.Point(x, y)
        pieces, edges = self.town
        if not len(pieces.hold(point)) and not edges.within(point, EDGE_OF_TOWN_M):
            return Guidance(lon, lat, in_town=False)
        told = self.ages.told(today or datetime.now(_JAPAN).date())
        every_site, every_shelter = self._ways(point)
        site_ways, shut_sites = _parted(every_site, shut)
        shelter_ways, shut_shelters = _parted(every_shelter, shut)
        return Guidance(
            lon,
            lat,
            in_town=True,
            oaza=self.oaza.at(point),
            district=self.districts.at(point),
            risks=tuple(_aged(zones.at(point), told) for zones in self.zones),
            go={hazard: nearest_sites(site_ways, hazard) for hazard in self.hazards},
            shelters=tuple(islice(shelter_ways, destinations.MOST)),
            shut=(*shut_sites, *shut_shelters),
            told=told,
        )

    def _ways(self, point: shapely.Point) -> tuple[Ways, Ways]:
        count = len(self.sites)
        walks = self.foot.walks_m(point) if self.foot is not None else np.full(count + len(self.shelters), np.inf)
        spots = self._spots
        return (
            Ways(self.sites, spots[:count], point, walks[:count]),
            Ways(self.shelters, spots[count:], point, walks[count:]),
        )

    @cached_property
    def _spots(self) -> Floats:
        """Where the sites and then the shelters lie, in plane metres."""
        return np.array([(place.x, place.y) for place in (*self.sites, *self.shelters)], np.float64).reshape(-1, 2)

    @cached_property
    def hazards(self) -> tuple[Hazard, ...]:
        """The hazards that are spoken of."""
        designated = {hazard for site in self.sites for hazard in site.hazards}
        return tuple(hazard for hazard in Hazard if hazard in ALWAYS or hazard in designated)


def _parted(ways: Ways, shut: Collection[tuple[str, int]]) -> tuple[Iterable[Way], list[Way]]:
    """The ways to what is open, and those to what is shut."""
    if not shut:
        return ways, []
    is_shut = [(way.to.layer, way.to.fid) in shut for way in ways]
    return [way for way, gone in zip(ways, is_shut, strict=True) if not gone], [
        way for way, gone in zip(ways, is_shut, strict=True) if gone
    ]


def _built(reader: Reader) -> Guide:
    zones = tuple(Zones.of(kind, reader) for kind in ZONE_LAYERS)
    sites, shelters = tuple(sites_of(reader, zones)), tuple(shelters_of(reader, zones))
    outline = town_outline(reader)
    srid = reader.store.town.srid
    return Guide(
        zones,
        (Pieces([outline]), Edges([outline])),
        oaza_of(reader),
        districts_of(reader),
        sites,
        shelters,
        _footways(reader, (*sites, *shelters)),
        _ages(reader),
        Transformer.from_crs(geographic_epsg(Datum.JGD2011), srid, always_xy=True, allow_ballpark=False),
    )


def _footways(reader: Reader, places: tuple[Destination, ...]) -> Footways | None:
    rows = reader.rows(ROADS, COLUMNS)
    if rows is None:
        return None
    on_foot = np.flatnonzero(walkable(rows))
    if not len(on_foot):
        return None
    pieces = noded(rows.shapes[on_foot], [rows.columns["status"][at] for at in on_foot])
    return Footways(pieces, shapely.points([(place.x, place.y) for place in places]).reshape(-1))


def _ages(reader: Reader) -> Ages:
    names = [*(kind.layer for kind in ZONE_LAYERS), SITES, SHELTERS, ROADS]
    published = [name for name in names if name in reader.store.catalogue and name in reader.held]
    return Ages({name: reader.store.layer(name) for name in published}, {name: reader.held[name] for name in published})


def _told(layer: Layer, edition: Edition, today: date) -> Told:
    return Told(layer.attribution, edition.data_date, edition.is_stale(layer, today), layer.update_cycle_days)


def _aged(risk: Risk, told: Mapping[str, Told]) -> Risk:
    """The risk as it stands with data of that age: what is past its cycle says neither yes nor no."""
    layer = told.get(risk.layer or "")
    if risk.outcome is Outcome.NO_DATA or layer is None or not layer.is_stale:
        return risk
    return replace(risk, outcome=Outcome.STALE)
