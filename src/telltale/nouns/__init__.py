"""The words of the product, one definition each: what journal, pipeline, API and client pass on.

Frozen msgspec structs without I/O.
"""
