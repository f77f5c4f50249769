"""`songhe bulletins make`: two files, made twice the same numbers, a late entry beside them."""

import json

import pdfplumber
import pytest
from docx import Document
from typer.testing import CliRunner

from songhe.core.acting import everywhere
from songhe.doors.cli import bulletins as door
from tests.oversight.bulletins.test_targets import City


@pytest.fixture
def make(db, tmp_path, monkeypatch):
    """Run `make` in this process, on the test's own database; the answer as JSON."""
    monkeypatch.setattr(door, "django_ready", lambda: None)
    with everywhere():
        made = City()

    def run(*words, month="2023-10"):
        told = CliRunner().invoke(
            door.app,
            ["make", "--programme", "dingzhou-2023", "--month", month, "--out", str(tmp_path), "--json", *words],
        )
        assert told.exit_code == 0, told.exception
        return json.loads(told.stdout)

    run.city = made
    return run


def test_made_twice_the_numbers_and_the_files_are_equal(make, tmp_path):
    first = make()
    bodies = {
        name: (tmp_path / name).read_bytes() for name in ("dingzhou-2023-2023-10.docx", "dingzhou-2023-2023-10.pdf")
    }
    second = make()
    assert first == second
    assert {name: (tmp_path / name).read_bytes() for name in bodies} == bodies
    assert Document(tmp_path / "dingzhou-2023-2023-10.docx").paragraphs[0].text == "定州市民政局文件"
    with pdfplumber.open(tmp_path / "dingzhou-2023-2023-10.pdf") as document:
        assert len(document.pages) > 2
        assert "定州市民政局文件" in document.pages[0].extract_text()


def test_a_late_entry_changes_the_revision_and_not_the_frozen_figure(make):
    first = make()
    with everywhere():
        make.city.enter(1)
    second = make("--reason", "平台验收单补报")
    assert second["figures_digest"] == first["figures_digest"]
    before, after = ({t["goal"]: t for t in told["targets"]}["platform"] for told in (first, second))
    assert before["done"] == after["done"] == "未报"
    assert before["revision"] is None
    assert after["revision"]["done"] == "1个"
    assert after["revision"]["reason"] == "平台验收单补报"


def test_issued_it_keeps_its_number_and_its_content(make):
    first = make("--issue", "--on", "2023-11-02")
    assert first["number"] == "定民通报〔2023〕1号"
    with everywhere():
        make.city.enter(1)
    second = make()
    assert (second["number"], second["content_digest"]) == (first["number"], first["content_digest"])
    assert {t["goal"]: t for t in second["targets"]}["platform"]["revision"]["done"] == "1个"
