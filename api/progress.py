"""Long work told at the terminal: a bar on stderr, so that what a command prints stays what it says."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

_screen = Console(stderr=True, highlight=False)


@contextmanager
def told_progress() -> Iterator[Callable[[str, float], None]]:
    """A bar, and what moves it: what is being done, and the share (0–1) that is done."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=_screen) as progress:
        task = progress.add_task("準備", total=1.0)
        yield lambda what, share: progress.update(task, description=what, completed=share)
