"""Layouts load, stand on programmes and indicators there are, and a wrong one is refused with its line."""

import pytest

from songhe.core.definitions import BadDefinition
from songhe.oversight.bulletins import definitions
from songhe.oversight.programmes import definitions as programmes


def test_every_programme_has_a_layout_at_its_own_place():
    layouts = definitions.shipped()
    assert set(layouts) == set(programmes.shipped())
    for name, layout in layouts.items():
        programme = programmes.named(name)
        assert (layout.place, layout.begins <= programme.end) == (programme.place, True), name


def test_an_unknown_indicator_is_refused_with_file_and_line(tmp_path):
    text = (definitions._folder("bulletins") / "dingzhou-2023.yaml").read_text(encoding="utf-8")
    (tmp_path / "a.yaml").write_text(text.replace("pairing", "happiness"), encoding="utf-8")
    with pytest.raises(BadDefinition) as wrong:
        definitions.read(tmp_path)
    (fault,) = wrong.value.faults
    assert fault.problem.code == "unknown"
    assert fault.line == next(n for n, line in enumerate(text.splitlines(), 1) if "pairing" in line)
