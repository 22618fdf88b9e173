"""Where the hub remembers: engine, tables, migrations. No rules live here."""
