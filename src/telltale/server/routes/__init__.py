"""Routes, one file per noun: each handler parses, calls one function, returns."""
