"""One reader for each kind of file that admins write."""
