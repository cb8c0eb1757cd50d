"""What can go wrong with the ledgers."""

from layers.store.errors import StoreError


class PurposeError(StoreError):
    """Nobody reads a ledger without saying what for."""


class LedgerRequestError(StoreError):
    """What was asked of a ledger cannot be answered."""


class UnknownLedgerError(StoreError):
    """No ledger has that name."""
