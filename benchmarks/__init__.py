"""Measurements; `run.py` runs them all."""
