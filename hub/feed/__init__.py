"""The campaign feed over HTTP. What it is built of is imported when somebody first asks for it: see mounting.py."""
