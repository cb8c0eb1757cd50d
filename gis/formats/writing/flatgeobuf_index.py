"""The packed Hilbert R-tree of FlatGeobuf (version 3), over a file that was written without one.

The file is read from disk a row at a time, in the order of the curve, so memory holds some 100 bytes a row and none of
the rows. Layout: eight bytes of magic, then the header as a flatbuffer after its length, the tree, the rows, each after
its length. The tree begins with its root; the children of a node follow each other.
"""

import os
import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gis.errors import OnomapError

MAGIC = b"fgb\x03fgb"
NODE_SIZE = 16
"""Children of a node; what the format takes when a header says nothing."""
NODE = np.dtype([("box", "<f8", 4), ("offset", "<u8")])
"""West, south, east, north, then the first child's number, or for a leaf where its row lies after the tree (bytes)."""
# Places of fields in the header's table (header.fbs).
_ENVELOPE, _FEATURES_COUNT, _NODE_SIZE = 1, 8, 9
_CURVE_BITS = 16
_SIZE = struct.Struct("<I")
_BUFFER_BYTES = 1 << 20
_ROWS_AT_ONCE = 1 << 14

Boxes = NDArray[np.float64]


class IndexingError(OnomapError):
    """The file is not what it should be before it is indexed."""


def write_indexed(plain: Path, boxes: Boxes, path: Path) -> None:
    """Write the rows of a file without index, whose boxes (n, 4) come in its order, to `path` under an index.

    Raises OSError, and IndexingError when the file does not hold n rows or its header has no room for what is to be said.
    """
    with plain.open("rb") as source, path.open("wb", buffering=_BUFFER_BYTES) as target:
        head = source.read(len(MAGIC) + 1 + _SIZE.size)
        if len(head) < len(MAGIC) + 1 + _SIZE.size or not head.startswith(MAGIC):
            raise IndexingError("no FlatGeobuf of version 3")
        header = source.read(_SIZE.unpack_from(head, len(MAGIC) + 1)[0])
        target.write(head)
        if not len(boxes):
            target.write(_without_extent(header))
            return
        target.write(_with_index(header, len(boxes)))
        starts = _row_starts(source.fileno(), source.tell(), len(boxes))
        order = hilbert_order(boxes)
        sizes = np.diff(starts)[order]
        for level in packed_tree(boxes, order, np.cumsum(sizes) - sizes):
            target.write(level.view(np.uint8).data)
        for start, size in zip(starts[order].tolist(), sizes.tolist(), strict=True):
            target.write(os.pread(source.fileno(), size, start))


def hilbert_order(boxes: Boxes) -> NDArray[np.intp]:
    """The rows along a Hilbert curve through the middles of their boxes, from its end, as the format's own writers do."""
    low, high = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
    extent = np.where(high > low, high - low, 1.0)
    cells = np.floor((2**_CURVE_BITS - 1) * ((boxes[:, :2] + boxes[:, 2:]) / 2.0 - low) / extent)
    x, y = cells.astype(np.uint32).T
    return np.argsort(hilbert_distance(x, y))[::-1]


def hilbert_distance(x: NDArray[np.uint32], y: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """How far along the Hilbert curve of 2^16 by 2^16 cells each cell lies."""
    x, y = x.copy(), y.copy()
    distance = np.zeros_like(x)
    for bit in reversed(range(_CURVE_BITS)):
        right, upper = (x >> bit) & 1, (y >> bit) & 1
        distance |= ((3 * right) ^ upper) << (2 * bit)
        turned = upper == 0
        mirrored = turned & (right == 1)
        for axis in (x, y):
            axis[mirrored] = (1 << _CURVE_BITS) - 1 - axis[mirrored]
        x[turned], y[turned] = y[turned], x[turned]
    return distance


def packed_tree(boxes: Boxes, order: NDArray[np.intp], offsets: NDArray[np.int64]) -> list[NDArray[np.void]]:
    """The tree over rows in an order, and in it at these offsets, as levels from the root to the leaves.

    Every level above is a run of nodes over sixteen each of the level below; one row has a root, too.
    """
    leaves = np.empty(len(boxes), NODE)
    for begin in range(0, len(boxes), _ROWS_AT_ONCE):
        part = slice(begin, begin + _ROWS_AT_ONCE)
        leaves["box"][part] = boxes[order[part]]
    leaves["offset"] = offsets
    levels = [leaves]
    while len(levels) == 1 or len(levels[0]) > 1:
        levels.insert(0, _parents(levels[0]))
    first = 0
    for level in levels[:-1]:
        first += len(level)
        level["offset"] = first + NODE_SIZE * np.arange(len(level))
    return levels


def _parents(level: NDArray[np.void]) -> NDArray[np.void]:
    firsts = np.arange(0, len(level), NODE_SIZE)
    parents = np.empty(len(firsts), NODE)
    parents["box"][:, :2] = np.minimum.reduceat(level["box"][:, :2], firsts)
    parents["box"][:, 2:] = np.maximum.reduceat(level["box"][:, 2:], firsts)
    return parents


def _row_starts(file: int, begin: int, count: int) -> NDArray[np.int64]:
    """Where each row begins (bytes, its length included), and the end of the last."""
    starts = np.empty(count + 1, np.int64)
    position, block, block_begins = begin, b"", begin
    for row in range(count):
        starts[row] = position
        if position + _SIZE.size > block_begins + len(block):
            block, block_begins = os.pread(file, _BUFFER_BYTES, position), position
            if len(block) < _SIZE.size:
                raise IndexingError(f"fewer than {count} rows")
        position += _SIZE.size + _SIZE.unpack_from(block, position - block_begins)[0]
    starts[count] = position
    beside = os.fstat(file).st_size - position
    if beside:
        raise IndexingError(f"{beside} bytes beside {count} rows")
    return starts


def _with_index(header: bytes, count: int) -> bytes:
    """The header, saying that an index follows."""
    patched = bytearray(header)
    told = struct.unpack_from("<Q", patched, _field(header, _FEATURES_COUNT))[0]
    if told != count:
        raise IndexingError(f"the header tells {told} rows, not {count}")
    struct.pack_into("<H", patched, _field(header, _NODE_SIZE), NODE_SIZE)
    return bytes(patched)


def _without_extent(header: bytes) -> bytes:
    """The header of no rows: their extent is not said, rather than said to be no number."""
    patched = bytearray(header)
    struct.pack_into("<H", patched, _entry(header, _ENVELOPE), 0)
    return bytes(patched)


def _field(header: bytes, number: int) -> int:
    """Where the header's table keeps a field. Raises IndexingError when the field is left to its default."""
    within = struct.unpack_from("<H", header, _entry(header, number))[0]
    if not within:
        raise IndexingError(f"the header leaves out field {number}")
    return _table(header) + int(within)


def _entry(header: bytes, number: int) -> int:
    """Where the table's directory (vtable) says at which place a field is, 0 for nowhere."""
    table = _table(header)
    directory = table - int(struct.unpack_from("<i", header, table)[0])
    if 4 + 2 * number >= struct.unpack_from("<H", header, directory)[0]:
        raise IndexingError(f"the header has no field {number}")
    return directory + 4 + 2 * number


def _table(header: bytes) -> int:
    return int(_SIZE.unpack_from(header)[0])
