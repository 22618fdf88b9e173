"""Where the hub remembers: engine, tables, migrations. No rules live here."""

from sqlalchemy.util import immutabledict
from sqlmodel import SQLModel

# Set before the first table is declared. SQLite leaves constraints nameless, and a later migration can only
# change what has a name.
SQLModel.metadata.naming_convention = immutabledict(
    {
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
