"""Experiments: train, test, put the numbers side by side."""
