"""The edge over HTTP: one resource a file; nothing here knows a store or a validator."""
