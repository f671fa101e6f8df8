"""Estimators: arrays and frames in, small frozen results out; the key of each result stands beside its type."""
