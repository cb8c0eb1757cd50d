"""What can be wrong with a request for features."""

from layers.store.errors import StoreError


class FeatureRequestError(StoreError):
    """A request for features has a value that cannot be used."""


class UnknownPropertyError(FeatureRequestError):
    """No property has that name, or the caller may not see it: nothing tells which of the two."""


class UnknownFeatureError(StoreError):
    """No present row has that id."""
