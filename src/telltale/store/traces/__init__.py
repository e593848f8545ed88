"""Trace stores: one folder or file per engine, one contract suite over all."""
