"""What Telltale costs, measured: one file a question, one table each in docs/performance.md."""
