"""A server made of drawn traces, and the windows to look at it through."""
