"""The telephone page keeps to its weight: sizes are the same on every machine, times are for `python -m bench --only field`."""

import gzip
import json
from pathlib import Path

from django.contrib.staticfiles import finders
from django.test import Client

from songhe.doors.field import shell

FIRST_LOAD, LIST_OF_300 = 150_000, 300_000


def _compressed(data: bytes) -> int:
    return len(gzip.compress(data, 6))


def test_the_first_load_is_light(db):
    files = [Path(finders.find(name)).read_bytes() for name in shell.own_files()]
    pages = [Client().get(path).content for path in ("/field/", "/field/sw.js", "/field/scale.json")]
    total = sum(map(_compressed, files + pages))
    assert 10_000 < total < FIRST_LOAD, total
    assert not any("echarts" in name or "htmx" in name for name in shell.files())


def test_the_page_keeps_every_module_it_imports():
    """A module missing from the worker's list would be missing in a village without a network."""
    import re

    kept = set(shell.files())
    for name in shell.own_files():
        if name.startswith("field/") and name.endswith(".js"):
            text = Path(finders.find(name)).read_text(encoding="utf-8")
            for wanted in re.findall(r'(?:from|import)\s*\(?"\./([\w.]+)"', text):
                assert f"/static/field/{wanted}" in kept, f"{name} imports {wanted}"


def test_a_list_of_three_hundred_is_small():
    """As `bundle` writes a row at its fullest: long village names, notes, an open ladder."""
    row = {
        "id": 10**9, "post": 10**6, "name": "欧阳建国", "age": 88, "village": "虚构镇虚构村村民委员会", "phone": "13000000000",
        "door_note": "东头第三家红色铁门，院里有狗，先打电话", "call_time": "上午九点以后，中午不接", "calls": [0, 2], "visits": [0, 1],
        "rank": 1, "excused": "外出探亲", "ladder": {"step": "neighbour", "due": "2026-11-22T10:00:00+00:00"}, "demo": "演示",
    }  # fmt: skip
    assert len(json.dumps([row] * 300, ensure_ascii=False).encode()) < LIST_OF_300


def test_a_new_word_or_file_makes_a_new_version(monkeypatch):
    before = shell.version()
    shell.version.cache_clear()
    monkeypatch.setattr(shell, "words", lambda: {"zh": {"a": "b"}, "en": {}})
    try:
        assert shell.version() != before
    finally:
        shell.version.cache_clear()


def test_every_word_the_page_asks_for_is_there():
    import re

    known = set(shell.words()["zh"])
    for file in sorted((shell.HERE / "static/field").glob("*.js")):
        for key in re.findall(r'\bw\("([a-z0-9_]+)"', file.read_text(encoding="utf-8")):
            assert key in known, f"{file.name}: {key}"
