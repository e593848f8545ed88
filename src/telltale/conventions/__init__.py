"""What the attributes of a span mean: one pure file a dialect, and the words all dialects share."""
