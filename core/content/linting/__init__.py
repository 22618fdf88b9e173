"""What could be better in content that is not wrong."""
