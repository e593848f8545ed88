"""A program that imports OpenTelemetry's SDK and nothing else: what no tracing can do without."""

import time

before_s = time.process_time()
import opentelemetry.sdk.trace  # noqa: E402

print((time.process_time() - before_s) * 1000 if opentelemetry.sdk.trace else 0)
