"""Run by the system's Python, which has QGIS: reads every layer of a server as QGIS does, and prints what it got as JSON.

`python3 qgis_reader.py http://127.0.0.1:8000 LOGIN KEY cadastral roads …`
"""

import json
import os
import sys

from qgis.core import (
    Qgis,
    QgsApplication,
    QgsAuthMethodConfig,
    QgsCoordinateReferenceSystem,
    QgsFeatureRequest,
    QgsFillSymbol,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsRectangle,
    QgsVectorLayer,
    QgsVectorTileBasicRenderer,
    QgsVectorTileBasicRendererStyle,
    QgsVectorTileLayer,
    QgsWkbTypes,
)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor

FIRST = 5
SIGN_IN = "onomap1"
"""The id of a sign-in as QGIS keeps it: seven letters."""
STREETS = QgsRectangle(15654200, 4477200, 15654800, 4477800)
"""Web Mercator metres, in the middle of the sample town."""


def corner(geometry):
    """The south-west corner of a shape in degrees; None for a feature without one."""
    box = geometry.boundingBox()
    return None if geometry.isNull() else [box.xMinimum(), box.yMinimum()]


def read_features(server, name):
    """What the OGC API – Features provider says of a collection, and its first features."""
    source = f"url='{server}/api' typename='{name}' authcfg={SIGN_IN} pagingEnabled='true' restrictToRequestBBOX='1'"
    layer = QgsVectorLayer(source, name, "OAPIF")
    if not layer.isValid():
        return {"valid": False, "error": layer.error().message()}
    count = layer.featureCount()
    request = QgsFeatureRequest().setLimit(FIRST)
    features = [
        {
            "values": dict(zip(layer.fields().names(), map(str, feature.attributes()))),  # noqa: B905
            "kind": QgsWkbTypes.displayString(feature.geometry().wkbType()),
            "corner": corner(feature.geometry()),
        }
        for feature in layer.getFeatures(request)
    ]
    return {
        "valid": True,
        "count": count,
        "crs": layer.crs().authid(),
        "fields": layer.fields().names(),
        "first": features,
    }


def count_all(server, name):
    """How many features come when all pages are read."""
    source = f"url='{server}/api' typename='{name}' authcfg={SIGN_IN} pagingEnabled='true'"
    return sum(1 for _ in QgsVectorLayer(source, name, "OAPIF").getFeatures())


def draw_tiles(server, name):
    """How much of a picture of the streets a vector tile layer covers: painted pixels of 512 × 512."""
    layer = QgsVectorTileLayer(
        f"type=xyz&url={server}/tiles/{name}/{{z}}/{{x}}/{{y}}&zmin=10&zmax=18&authcfg={SIGN_IN}", name
    )
    style = QgsVectorTileBasicRendererStyle(name, name, QgsWkbTypes.PolygonGeometry)
    style.setSymbol(QgsFillSymbol.createSimple({"color": "#ff0000", "outline_style": "no"}))
    renderer = QgsVectorTileBasicRenderer()
    renderer.setStyles([style])
    layer.setRenderer(renderer)
    settings = QgsMapSettings()
    settings.setLayers([layer])
    settings.setOutputSize(QSize(512, 512))
    settings.setBackgroundColor(QColor("white"))
    settings.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:3857"))
    settings.setExtent(STREETS)
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    image = job.renderedImage()
    painted = sum(image.pixelColor(x, y).green() < 128 for x in range(0, 512, 4) for y in range(0, 512, 4)) * 16
    return {"valid": layer.isValid(), "painted": painted, "errors": [error.message for error in job.errors()]}


def sign_in(login, key):
    """Keep the login and the key in QGIS as a user does under Authentication → Basic."""
    manager = QgsApplication.authManager()
    manager.setMasterPassword("only for this run", True)
    kept = QgsAuthMethodConfig("Basic")
    kept.setId(SIGN_IN)
    kept.setName("onomap")
    kept.setConfig("username", login)
    kept.setConfig("password", key)
    if not manager.storeAuthenticationConfig(kept):
        sys.exit("QGIS did not keep the sign-in")


def main(server, login, key, names):
    """Print the whole report."""
    application = QgsApplication([], False)
    application.initQgis()
    sign_in(login, key)
    report = {
        "version": Qgis.QGIS_VERSION,
        "features": {name: read_features(server, name) for name in names},
        "all": {name: count_all(server, name) for name in names if name != "cadastral"},
        "tiles": draw_tiles(server, "cadastral"),
    }
    sys.stdout.write(json.dumps(report, ensure_ascii=False))
    sys.stdout.flush()
    # taking QGIS 3.22 down crashes when a provider still has a thread; the report is out
    os._exit(0)


main(sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:])
