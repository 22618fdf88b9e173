"""The least an import can do: read the rows, insert accounts and contacts, check nothing, know nothing."""

import csv
import sqlite3
import sys
from pathlib import Path

TABLES = """
    CREATE TABLE account (id INTEGER PRIMARY KEY, name TEXT UNIQUE, segment TEXT);
    CREATE TABLE contact (id INTEGER PRIMARY KEY, account TEXT, name TEXT, email TEXT UNIQUE, role TEXT);
"""


def main() -> None:
    file, database = sys.argv[1:3]
    with sqlite3.connect(database) as connection, Path(file).open(newline="", encoding="utf-8") as rows:
        connection.executescript(TABLES)
        for row in csv.DictReader(rows):
            connection.execute(
                "INSERT OR IGNORE INTO account (name, segment) VALUES (?, ?)", (row["account"], row["segment"])
            )
            connection.execute(
                "INSERT INTO contact (account, name, email, role) VALUES (?, ?, ?, ?)",
                (row["account"], row["contact"], row["email"], row["role"]),
            )
        connection.commit()


if __name__ == "__main__":
    main()
