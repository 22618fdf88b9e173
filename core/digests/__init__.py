"""Digests: what is new to one person, together, at the hour they like."""
