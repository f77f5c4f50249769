"""A published notice in, a draft programme out. Plain data, no framework, no clock, no network."""

from songhe.insight.reading.errors import ReadingError
from songhe.insight.reading.programme import to_answer_key, to_programme
from songhe.insight.reading.reader import read
from songhe.insight.reading.second_opinion import second_opinion

__all__ = ["ReadingError", "read", "second_opinion", "to_answer_key", "to_programme"]
