"""Bringing documents in: which formats, how they are read, and what an untrusted one cannot do."""
