"""Queries: what may run (guard), where it runs (worker, pool), and how answers are written (formats)."""
