"""Traces in one SQLite file: nothing to install, nothing to run, as durable as the disk."""
