"""Files that machines in the field read and write: ISOXML, SIMA, and the common ones, over one model of a field."""

from gis.formats.machine.files import FORMATS, Asked, MachineFile, format_named, read, write
from gis.formats.machine.model import GuidanceLine, MachineField

__all__ = ["FORMATS", "Asked", "GuidanceLine", "MachineField", "MachineFile", "format_named", "read", "write"]
