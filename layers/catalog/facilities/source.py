"""Sheets of the open-data standard as rows of one layer of facilities; school data of 国土数値情報 pass as they are."""

from gis.formats.open_data_facilities import read_facilities as prepare

__all__ = ["prepare"]
