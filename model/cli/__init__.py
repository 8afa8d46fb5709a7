"""The command line: thin commands over the same functions that Python calls."""
