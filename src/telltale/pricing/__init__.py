"""Usage and model → cost, with its provenance. Unknown stays unknown: it is never shown as free."""
