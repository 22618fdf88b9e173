"""People's attention: when we may speak to whom unasked, what goes first, and why each thing was said or not."""
