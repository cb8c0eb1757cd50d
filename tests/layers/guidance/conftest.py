"""The guide of the sample town, and the same edition for questions in plain SQL."""

from collections.abc import Iterator

import pytest

from layers.guidance.guide import Guide
from layers.publication.importing import PublicSide
from layers.publication.serving import PublicEdition, open_public
from tests.guided_town import guided_side

__all__ = ["guided_side"]


@pytest.fixture(scope="session")
def edition(guided_side: PublicSide) -> Iterator[PublicEdition]:
    """The edition, opened with the login that only reads."""
    found = open_public(guided_side.database.web_url, guided_side.folder)
    yield found
    found.database.close()


@pytest.fixture(scope="session")
def guide(edition: PublicEdition) -> Guide:
    """Its guide."""
    return Guide.of(edition.as_store())
