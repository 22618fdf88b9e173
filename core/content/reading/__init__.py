"""How any content file is read: its bytes once, its lines, its keys, and every problem with a line."""
