"""What spans stand for, in the words that programs written for MLflow use."""

from telltale.conventions.span_types import SpanType

__all__ = ["SpanType"]
