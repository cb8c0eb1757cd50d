"""Servers that are attacked: the fixtures of the API's tests."""

from tests.api.conftest import new_town, town

__all__ = ["new_town", "town"]
