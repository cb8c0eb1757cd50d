"""Pages out of Jinja2 templates: every value is escaped, and a line that holds a statement only leaves nothing behind."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, Undefined


def template_environment(folder: Path, undefined: type[Undefined] = Undefined) -> Environment:
    """The environment over a folder of templates; `undefined` says what becomes of a value that a page was not given."""
    return Environment(
        loader=FileSystemLoader(folder), autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=undefined
    )
