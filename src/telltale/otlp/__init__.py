"""OpenTelemetry's wire formats ⇄ `RawSpan`."""
