"""Lets `python -m hub` do what the `hub` command does, wherever the environment has been moved to."""

from hub.cli import main

main()
