"""The peer: what a capable analyst would write with geopandas against the same tables; shares no code with the engine."""

import geopandas as gpd
import pandas as pd
import sqlalchemy as sa

OVERLAPS = {
    "city_planning": ["zone_kind", "use_code"],
    "farmland": ["land_type"],
    "forest": ["kind"],
    "buried_heritage": ["site_number"],
    "landslide": ["zone_class", "phenomenon"],
    "flood": ["depth_rank"],
    "districts": ["name"],
    "rtk_fields": ["field_id"],
}
WITHIN_M = {"roads": 10.0, "water": 10.0, "water_fittings": 200.0, "street_lights": 30.0}
STORE_COLUMNS = {"geom_3857", "content_hash", "version", "valid_from", "load_id"}
NEAREST = ("evacuation_sites", "shelters")


def overlay(url: str, keys: list[str]) -> pd.DataFrame:
    """Read the asked parcels and every theme's layer whole, overlay them, and sum the areas and distances."""
    engine = sa.create_engine(sa.make_url(url).set(drivername="postgresql+psycopg"), poolclass=sa.NullPool)
    with engine.connect() as connection:
        parcels = gpd.read_postgis(
            sa.text("SELECT parcel_key, geom FROM layers.cadastral WHERE parcel_key = ANY(:keys)"),
            connection,
            geom_col="geom",
            params={"keys": keys},
        )
        listed = pd.read_sql(
            sa.text("SELECT parcel_key, use_class FROM layers.agricultural_zone WHERE parcel_key = ANY(:keys)"),
            connection,
            params={"keys": keys},
        )
        parts = [listed.assign(theme="agricultural_zone")]
        for layer, groups in OVERLAPS.items():
            zones = _layer(connection, layer)
            pieces = gpd.overlay(parcels, zones, how="intersection", keep_geom_type=True)
            pieces["area"] = pieces.area
            parts.append(
                pieces.groupby(["parcel_key", *groups], dropna=False)["area"].sum().reset_index().assign(theme=layer)
            )
        for layer, distance in WITHIN_M.items():
            near = gpd.sjoin(parcels, _layer(connection, layer), predicate="dwithin", distance=distance)
            parts.append(near.groupby("parcel_key").size().rename("count").reset_index().assign(theme=layer))
        for layer in NEAREST:
            nearest = gpd.sjoin_nearest(parcels, _layer(connection, layer), distance_col="distance")
            parts.append(nearest[["parcel_key", "distance"]].assign(theme=layer))
    return pd.concat(parts)


def _layer(connection: sa.Connection, layer: str) -> gpd.GeoDataFrame:
    """A layer as an answer needs it: its shapes with what the sheet says of each (all columns but the store's own)."""
    columns = sa.inspect(connection).get_columns(layer, schema="layers")
    names = ", ".join(f'"{column["name"]}"' for column in columns if column["name"] not in STORE_COLUMNS)
    return gpd.read_postgis(
        sa.text(f"SELECT {names} FROM layers.{layer} WHERE geom IS NOT NULL"), connection, geom_col="geom"
    )
