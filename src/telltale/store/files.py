"""What the databases of a home are called."""

TRACES = "traces.db"
METADATA = "metadata.db"
