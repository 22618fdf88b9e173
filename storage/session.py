"""The session of every use case: whoever asks for a row by its key, it is looked up as on the hot path."""

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session

from storage.loading import find


class QuickSession(Session):
    """SQLAlchemy's own, but for `get` (and `get_one`), which half of all questions are."""

    def get(self, entity: Any, ident: Any, **options: Any) -> Any:
        """As everywhere. Whoever wants it locked or read anew gets it SQLAlchemy's way."""
        if options.get("populate_existing") or options.get("with_for_update") or isinstance(ident, Mapping):
            return super().get(entity, ident, **options)
        return find(self, entity, *(ident if isinstance(ident, tuple) else (ident,)))
