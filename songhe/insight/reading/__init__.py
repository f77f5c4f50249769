"""A published notice in, a draft programme out. Plain data, no framework, no clock, no network."""

from songhe.insight.reading.errors import ReadingError
from songhe.insight.reading.reader import read

__all__ = ["ReadingError", "read"]
