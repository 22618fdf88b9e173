"""What the hub decides: a feature is a file with its values, its rules and its use cases. Knows no messenger."""
