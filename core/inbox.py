"""The only door in: each event is recognised, decided and written with its answers in one transaction."""

from core.receipts import Receipt, Receive

__all__ = ["Receipt", "Receive"]
