"""Alembic runs this file for every command; the caller gives the connection and keeps its transaction."""

from typing import Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import JSON, Connection
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import AutoString

import storage.tables  # noqa: F401  # fills SQLModel.metadata
from storage.types import Moment


def plain_type(kind: str, item: object, autogen: AutogenContext) -> str | Literal[False]:
    """Write our column types as SQLAlchemy's own: a migration must mean the same when ours have changed."""
    if kind == "type" and isinstance(item, Moment):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, AutoString):
        return "sa.String()"
    if kind == "type" and isinstance(item, JSON):
        autogen.imports.add("from sqlalchemy.dialects import postgresql")
        return 'sa.JSON().with_variant(postgresql.JSONB(), "postgresql")'
    return False


def migrate() -> None:
    connection = context.config.attributes.get("connection")
    if not isinstance(connection, Connection):
        raise TypeError("Migrations run through `hub db upgrade` or `make migration`, which give them a connection.")
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        render_as_batch=True,  # SQLite alters a table by making it anew
        render_item=plain_type,
    )
    context.run_migrations()


migrate()
