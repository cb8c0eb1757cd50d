"""A cache that is bounded by the bytes of what it holds; the least recently used goes first."""

from collections import OrderedDict
from threading import Lock


class ByteCache:
    """Bytes by key, at most `limit` of them in all; may be used from several threads at once."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.size = 0
        self._held: OrderedDict[str, bytes] = OrderedDict()
        self._lock = Lock()

    def get(self, key: str) -> bytes | None:
        """The content under a key, which thereby becomes the most recently used; None when it is not held."""
        with self._lock:
            content = self._held.get(key)
            if content is not None:
                self._held.move_to_end(key)
            return content

    def put(self, key: str, content: bytes) -> None:
        """Hold the content, and let go of the oldest until all fits; what is larger than the whole cache is not held."""
        if len(content) > self.limit:
            return
        with self._lock:
            before = self._held.pop(key, b"")
            self._held[key] = content
            self.size += len(content) - len(before)
            while self.size > self.limit:
                _, oldest = self._held.popitem(last=False)
                self.size -= len(oldest)

    def __len__(self) -> int:
        return len(self._held)
