"""The one form of `when:`: read, checked against the known fields, asked of facts. Never Python."""
