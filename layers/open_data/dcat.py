"""The catalogue of what is published as DCAT 3 in JSON-LD."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from layers.open_data.freshness import Freshness
from layers.store.definitions import Layer
from layers.store.settings import Municipality

CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_FREQUENCY = "http://publications.europa.eu/resource/authority/frequency/"
_FREQUENCIES: Mapping[int, str] = {
    1: "DAILY",
    7: "WEEKLY",
    30: "MONTHLY",
    90: "QUARTERLY",
    365: "ANNUAL",
    1825: "OTHER",
}
_MEDIA = "https://www.iana.org/assignments/media-types/"


@dataclass(frozen=True)
class Distribution:
    """One way to get a dataset: absolute address, title, media type; `note` where there is something to know of it."""

    title: str
    address: str
    media_type: str
    is_file: bool = True
    conforms_to: str = ""
    note: str = ""


@dataclass(frozen=True)
class Dataset:
    """One published layer with its rows, its freshness, and the ways to get it."""

    layer: Layer
    rows: int | None
    fresh: Freshness
    distributions: tuple[Distribution, ...]


def catalogue(
    town: Municipality, base: str, edition: tuple[int, datetime | None], datasets: Sequence[Dataset]
) -> dict[str, object]:
    """The whole catalogue as JSON-LD; `base` is the site's address without a slash at its end."""
    number, made_at = edition
    return {
        "@context": CONTEXT,
        "@id": f"{base}/open-data",
        "@type": "dcat:Catalog",
        "dct:title": _ja(f"{town.name} オープンデータ"),
        "dct:description": _ja(
            f"{town.full_name}が公開している地図データの目録（第{number}版）。"
            + ("架空の見本データです。" if town.fictitious else "")
        ),
        "dct:publisher": _agent(town.full_name),
        "dct:language": "http://publications.europa.eu/resource/authority/language/JPN",
        **({"dct:modified": _moment(made_at)} if made_at is not None else {}),
        "dcat:version": str(number),
        "dcat:dataset": [_dataset(base, town, one) for one in datasets],
    }


def _dataset(base: str, town: Municipality, dataset: Dataset) -> dict[str, object]:
    layer = dataset.layer
    modified = {"dct:modified": _day(dataset.fresh.data_date)} if dataset.fresh.data_date is not None else {}
    return {
        "@id": f"{base}/open-data#{layer.id}",
        "@type": "dcat:Dataset",
        "dct:identifier": layer.id,
        "dct:title": _ja(layer.title),
        "dct:description": _ja(layer.description),
        "dct:publisher": _agent(f"{town.full_name} {layer.department}"),
        "dct:license": {"@type": "dct:LicenseDocument", "rdfs:label": _ja(layer.source_licence)},
        "dct:rights": {"@type": "dct:RightsStatement", "rdfs:label": _ja(layer.attribution)},
        "dct:accrualPeriodicity": {"@id": _FREQUENCY + _frequency(layer.update_cycle_days)},
        "dcat:theme": _ja(layer.group),
        "dct:spatial": {"@type": "dct:Location", "rdfs:label": _ja(town.full_name)},
        **modified,
        "dcat:distribution": [_distribution(layer, one) for one in dataset.distributions],
    }


def _distribution(layer: Layer, one: Distribution) -> dict[str, object]:
    told: dict[str, object] = {
        "@type": "dcat:Distribution",
        "dct:title": _ja(one.title),
        "dcat:accessURL": {"@id": one.address},
        "dcat:mediaType": {"@id": _MEDIA + one.media_type.split(";")[0]},
        "dct:license": {"@type": "dct:LicenseDocument", "rdfs:label": _ja(layer.source_licence)},
    }
    if one.is_file:
        told["dcat:downloadURL"] = {"@id": one.address}
    if one.conforms_to:
        told["dct:conformsTo"] = {"@type": "dct:Standard", "rdfs:label": _ja(one.conforms_to)}
    if one.note:
        told["dct:description"] = _ja(one.note)
    return told


def _frequency(days: int) -> str:
    return _FREQUENCIES.get(days, "OTHER")


def _agent(name: str) -> dict[str, object]:
    return {"@type": "foaf:Agent", "foaf:name": _ja(name)}


def _ja(text: str) -> dict[str, str]:
    return {"@language": "ja", "@value": text}


def _day(moment: date) -> dict[str, str]:
    return {"@type": "xsd:date", "@value": moment.isoformat()}


def _moment(moment: datetime) -> dict[str, str]:
    return {"@type": "xsd:dateTime", "@value": moment.isoformat()}
