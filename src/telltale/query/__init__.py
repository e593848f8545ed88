"""The filter language: how people ask for traces."""
