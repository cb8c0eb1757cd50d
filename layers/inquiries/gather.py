"""Gathers from the store what the question engine needs: for each layer, the rows near the asked parcels."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date, datetime
from functools import reduce

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from layers.inquiries.engine.evidence_types import Evidence, columns_read, reach_m
from layers.inquiries.engine.judging import WORTH_THREADS
from layers.inquiries.model import LayerState, Parcel
from layers.store.database import Connection
from layers.store.definitions import Layer, ThemeTest
from layers.store.editions import Edition, given_coverages, municipality_outline
from layers.store.instance import Store
from layers.store.nearby import Pending, RowQuery, together

BY_KEY = {ThemeTest.PARCEL_LIST, ThemeTest.PARCEL_STATUS}


def layer_state(layer: Layer, edition: Edition | None, today: date) -> LayerState:
    """What an answer says of the edition it read; a layer that was never loaded has no load and no date."""
    newest = edition.newest if edition is not None else None
    if edition is None or newest is None:
        return LayerState(
            layer.id, layer.title, layer.department, None, None, None, None, None, layer.accuracy_m, layer.attribution,
            stale=False,
        )  # fmt: skip
    return LayerState(
        layer=layer.id,
        title=layer.title,
        department=layer.department,
        load=newest.id,
        data_date=edition.data_date,
        loaded_at=newest.loaded_at,
        file_name=newest.file_name,
        file_sha256=newest.file_sha256,
        error_m=float(np.hypot(layer.accuracy_m, edition.added_error_m)),
        attribution=layer.attribution,
        stale=edition.is_stale(layer, today),
    )


@dataclass(frozen=True)
class Gathering:
    """One look at the store, at one moment, for some parcels."""

    store: Store
    connection: Connection
    parcels: Sequence[Parcel]
    held: Mapping[str, Edition]
    as_of: datetime | None
    today: date

    def evidence(self) -> Iterator[tuple[str, Evidence]]:
        """Layer by layer, for every layer that has a theme; layers never loaded are given with their empty state."""
        outline, given = self._outline(), given_coverages(self.connection, self.held)
        shapes = np.array([p.geometry for p in self.parcels if p.geometry is not None], dtype=object)
        boxes = shapely.bounds(shapes).reshape(-1, 4)
        layers = [layer for layer in self.store.catalogue.values() if layer.themes]
        states = {layer.id: layer_state(layer, self.held.get(layer.id), self.today) for layer in layers}
        each = (self._ask(layer, states[layer.id], shapes, boxes) for layer in layers)
        # a pipeline saves the round trips but gives its first answer with its last: of many parcels, each layer is asked
        # for on its own, so that one is judged while the database looks for the next
        at_once = len(self.parcels) < WORTH_THREADS
        with self.connection.pipeline() if at_once else nullcontext():
            for layer, asked in zip(layers, list(each) if at_once else each, strict=True):
                rows = reduce(together, (pending.rows() for pending in asked))
                coverage, error_m = self._coverage(layer, given.get(layer.id), outline)
                yield (
                    layer.id,
                    Evidence(
                        layer=layer,
                        state=states[layer.id],
                        fids=rows.fids,
                        geometry=rows.geometry,
                        attributes=rows.attributes,
                        coverage=coverage,
                        coverage_error_m=error_m,
                    ),
                )

    def _outline(self) -> BaseGeometry | None:
        """The town's outline; without the municipality layer, nothing is known to be covered."""
        layer = self.store.catalogue.get("municipality")
        if layer is None or layer.id not in self.held:
            return None
        return municipality_outline(self.connection, layer, self.store.town, self.as_of)

    def _coverage(
        self, layer: Layer, given: BaseGeometry | None, outline: BaseGeometry | None
    ) -> tuple[BaseGeometry | None, float]:
        if layer.id not in self.held:
            return None, 0.0
        if given is not None:
            return given, layer.accuracy_m
        # a post that may not see the town's outline knows no more of what is covered than a town without one
        if layer.coverage == "municipality" and outline is not None:
            return outline, self.store.catalogue["municipality"].accuracy_m
        return None, 0.0

    def _ask(
        self, layer: Layer, state: LayerState, shapes: NDArray[np.object_], boxes: NDArray[np.float64]
    ) -> list[Pending]:
        """Ask for every row of the layer that can matter to the parcels; several questions where themes reach differently."""
        columns = set().union(*(columns_read(theme) for theme in layer.themes))
        query = RowQuery(self.connection, layer, self.store.town.srid, self.as_of, columns)
        tests = {theme.test for theme in layer.themes}
        if tests & BY_KEY:
            drawn = boxes if ThemeTest.PARCEL_LIST in tests else None
            return [query.with_keys([parcel.key for parcel in self.parcels], drawn)]
        if not len(shapes):
            return [query.touching(boxes)]
        worst_m = max(parcel.error_m for parcel in self.parcels)
        reaches = {theme.id: reach_m(theme, worst_m, state.error_m) for theme in layer.themes}
        asked = [
            query.nearest(shapely.to_wkb(shapes).tolist(), theme.where)
            for theme in layer.themes
            if reaches[theme.id] is None
        ]
        bounded = [reach for reach in reaches.values() if reach is not None]
        if bounded:
            reach = max(bounded)
            asked.append(query.touching(boxes + np.array([-reach, -reach, reach, reach])))
        return asked
