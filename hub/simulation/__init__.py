"""The time machine: the real core over a copy of the database, a turned clock, and people who answer in their ways."""
