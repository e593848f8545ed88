"""Exported becomes stored: whatever a program sent goes through one pipeline."""
