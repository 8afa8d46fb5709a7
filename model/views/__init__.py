"""Rows and words of every page, from what was computed: one file a page, no widget."""
