"""Parcels and themes in, findings out: the door of the engine."""

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from shapely.errors import GEOSException

from layers.inquiries.engine import (
    adjacency,
    counting,
    labels,
    nearest,
    overlap,
    parcel_list,
    parcel_status,
)
from layers.inquiries.engine.coverage import Coverage, cover, depths
from layers.inquiries.engine.evidence_types import Evidence, EvidenceError
from layers.inquiries.engine.plots import Plots, lay_out
from layers.inquiries.engine.questions import Question
from layers.inquiries.engine.rows import choose
from layers.inquiries.engine.verdicts import Verdict, findings, no_data
from layers.inquiries.model import Finding, Parcel
from layers.store.definitions import Theme, ThemeTest

WORTH_THREADS = 64
"""From this many parcels on, themes are judged side by side: GEOS, which does most of the work, lets go of Python's lock.
Nothing is shared between them that anyone changes: what is indexed for speed is always a part made for the theme."""

_GEOMETRIC: Mapping[ThemeTest, Callable[[Question], list[Verdict]]] = MappingProxyType(
    {
        ThemeTest.OVERLAP: overlap.answer,
        ThemeTest.NEAREST: nearest.answer,
        ThemeTest.ADJACENCY: adjacency.answer,
        ThemeTest.COUNT: counting.count,
        ThemeTest.LENGTH: counting.length,
    }
)


def judge(parcels: Sequence[Parcel], theme: Theme, evidence: Evidence | None) -> list[Finding]:
    """The findings of one theme, one per parcel and in their order; `evidence` None if the layer was never loaded.

    Raises EvidenceError if the layer lacks a column that the theme reads, or holds a shape that cannot be overlaid.
    """
    return _Bench(parcels).judge(theme, evidence)


def judge_all(
    parcels: Sequence[Parcel], themes: Sequence[Theme], evidence_by_layer: Mapping[str, Evidence]
) -> list[Finding]:
    """The findings of all themes: parcel by parcel in the order asked, each with the themes in the order given."""
    with Judging(parcels, themes) as judging:
        for layer in dict.fromkeys(theme.layer for theme in themes):
            judging.take(layer, evidence_by_layer.get(layer))
        return judging.findings()


class Judging:
    """Judges each layer's themes as soon as its evidence comes, beside whoever is fetching the next.

    Threads are taken from `WORTH_THREADS` parcels on; leaving the context ends them.
    """

    def __init__(self, parcels: Sequence[Parcel], themes: Sequence[Theme]) -> None:
        self._themes = themes
        self._bench = _Bench(parcels)
        self._threads = ThreadPoolExecutor(os.cpu_count()) if len(parcels) >= WORTH_THREADS else None
        self._found: dict[int, Callable[[], list[Finding]]] = {}

    def __enter__(self) -> "Judging":
        return self

    def __exit__(self, *_: object) -> None:
        if self._threads is not None:
            self._threads.shutdown(cancel_futures=True)

    def take(self, layer: str, evidence: Evidence | None) -> None:
        """Judge the themes of `layer`; what goes wrong in a thread is raised by `findings`."""
        if self._threads is not None and evidence is not None and evidence.state.load is not None:
            self._bench.measure_coverage(evidence)
        for position, theme in enumerate(self._themes):
            if theme.layer == layer:
                self._found[position] = self._started(theme, evidence)

    def _started(self, theme: Theme, evidence: Evidence | None) -> Callable[[], list[Finding]]:
        if self._threads is not None:
            return self._threads.submit(self._bench.judge, theme, evidence).result
        found = self._bench.judge(theme, evidence)
        return lambda: found

    def findings(self) -> list[Finding]:
        """Parcel by parcel in the order asked, each with the themes in the order given; every layer must have come."""
        by_theme = [self._found[position]() for position in range(len(self._themes))]
        return [found for of_parcel in zip(*by_theme, strict=True) for found in of_parcel]


class _Bench:
    """The parcels laid out once, and what each coverage says of them, measured once."""

    def __init__(self, parcels: Sequence[Parcel]) -> None:
        self.plots: Plots = lay_out(parcels)
        self._coverages: dict[tuple[int, float], Coverage] = {}
        self._depths: dict[int, NDArray[np.float64]] = {}

    def measure_coverage(self, evidence: Evidence) -> None:
        """Measure its coverage now, so that themes judged side by side find it measured."""
        self._coverage(evidence)

    def judge(self, theme: Theme, evidence: Evidence | None) -> list[Finding]:
        return findings(self.plots.parcels, theme, evidence, self._verdicts(theme, evidence))

    def _verdicts(self, theme: Theme, evidence: Evidence | None) -> list[Verdict]:
        if theme.test is ThemeTest.PARCEL_STATUS:
            return parcel_status.answer(self.plots.parcels, theme, evidence)
        if evidence is None or evidence.state.load is None:
            return [no_data(labels.NOT_LOADED, labels.NOT_LOADED_NOTE)] * len(self.plots.parcels)
        question = self._question(theme, evidence)
        try:
            if theme.test is ThemeTest.PARCEL_LIST:
                return parcel_list.answer(question)
            verdicts = _GEOMETRIC[theme.test](question)
        except GEOSException as error:
            raise EvidenceError(labels.broken_shape(evidence.layer.title)) from error
        return [
            verdict if obstacle is None else no_data(labels.NO_DATA, obstacle)
            for verdict, obstacle in zip(verdicts, self.plots.obstacles, strict=True)
        ]

    def _question(self, theme: Theme, evidence: Evidence) -> Question:
        return Question(
            theme=theme,
            plots=self.plots,
            rows=choose(evidence, theme),
            coverage=self._coverage(evidence),
            band_m=self.plots.band_m(evidence.state.error_m),
        )

    def _coverage(self, evidence: Evidence) -> Coverage:
        shape, error_m = evidence.coverage, evidence.coverage_error_m
        key = (id(shape), error_m)
        if key not in self._coverages:
            if id(shape) not in self._depths:
                self._depths[id(shape)] = depths(self.plots, shape)
            self._coverages[key] = cover(self.plots, shape, error_m, self._depths[id(shape)])
        return self._coverages[key]
