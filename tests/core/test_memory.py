"""What a process remembers for a while: fresh, stale, and only one counts anew."""

import pytest

from songhe.core import memory
from songhe.core.memory import Memory


@pytest.fixture
def clock(monkeypatch):
    class Clock:
        now = 100.0

    monkeypatch.setattr(memory.time, "monotonic", lambda: Clock.now)
    return Clock


def test_fresh_for_its_time_then_one_makes_it_anew_while_the_others_go_on(clock):
    held: Memory[str, int] = Memory(seconds=60, grace=10)
    assert held.get("a") is None
    held.put("a", 0)
    clock.now += 59
    assert held.get("a") == 0
    clock.now += 2
    assert [held.get("a"), held.get("a"), held.get("a")] == [None, 0, 0]
    clock.now += 11  # whoever went to count never came back
    assert [held.get("a"), held.get("a")] == [None, 0]
    held.put("a", 7)
    clock.now += 59
    assert held.get("a") == 7


def test_it_never_grows_beyond_its_size(clock):
    held: Memory[int, int] = Memory(seconds=60, most=3)
    for n in range(5):
        held.put(n, n)
    assert [held.get(n) for n in range(5)] == [None, None, None, 3, 4]
    held.clear()
    assert held.get(4) is None
