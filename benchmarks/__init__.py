"""Figures of speed, memory and accuracy, against the same model written by hand."""
