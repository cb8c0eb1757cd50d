"""農用地利用計画 as the town keeps it: a list of 所在・地番, in one column or in several, with 〃 for repetition."""

from gis.formats.parcel_list import prepared as prepare

__all__ = ["prepare"]
