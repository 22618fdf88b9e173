"""Nudges: a word about what stands still, at a good moment, thinning out, and gone as soon as its reason is."""
