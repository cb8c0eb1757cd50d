"""Where this machine keeps a font with Japanese letters, for names that are drawn into images."""

from functools import cache
from pathlib import Path

FONT_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".local/share/fonts")
FONT_FILES = ("NotoSansCJK-Regular*", "NotoSansCJK*", "ipaexg*")
"""In order of preference. In the collection of Noto Sans CJK the Japanese face is the first."""


@cache
def japanese_font() -> Path | None:
    """The best font file that is there; None without one: then images are drawn without names."""
    found = (file for name in FONT_FILES for folder in FONT_FOLDERS for file in sorted(folder.rglob(name)))
    return next(found, None)
