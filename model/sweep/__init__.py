"""Scripted runs at scale: a file of crossed factors -> blocks of scenarios -> a Parquet dataset that can be resumed and queried."""
