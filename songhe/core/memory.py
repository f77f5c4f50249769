"""A small memory of one process for answers that may be a minute old.

    counts = Memory(seconds=60)
    counts.get(key)              # the value while it is fresh, else None
    counts.put(key, value)

When a value has just gone stale, the first who asks gets None and counts anew; the others go on with the old one for `grace`
seconds, so that eight threads never count the same million rows at once.
"""

import time
from collections.abc import Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Memory(Generic[Key, Value]):
    """`seconds`: how long a value is fresh; `grace`: see above; `most`: how many are held before all are dropped."""

    def __init__(self, *, seconds: float, grace: float = 10.0, most: int = 1000):
        self.seconds, self.grace, self.most = seconds, grace, most
        self._held: dict[Key, tuple[float, Value]] = {}

    def get(self, key: Key) -> Value | None:
        """The value while it is fresh; None when there is none, or when it is this caller's turn to make it anew."""
        held = self._held.get(key)
        if held is None:
            return None
        until, value = held
        if until > time.monotonic():
            return value
        self._held[key] = (time.monotonic() + self.grace, value)
        return None

    def put(self, key: Key, value: Value) -> None:
        if len(self._held) >= self.most:
            self._held.clear()
        self._held[key] = (time.monotonic() + self.seconds, value)

    def clear(self) -> None:
        self._held.clear()
