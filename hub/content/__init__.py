"""Content while the hub runs and on the command line: watched, checked, compared, previewed, begun."""
