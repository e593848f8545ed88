"""The server: one ASGI app in one process, from the journal's door to the page."""
