"""Third-party browser files are what their books say, and our own stay small and free of inline code."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DESK = ROOT / "songhe/doors/desk"
sys.path.insert(0, str(ROOT / "scripts"))

import vendor  # noqa: E402


def test_every_vendored_file_is_as_written_down():
    assert vendor.faults() == []


def test_a_changed_file_is_found(tmp_path, monkeypatch):
    shutil.copytree(ROOT / "tests/vendor", tmp_path / "tests/vendor")
    target = tmp_path / "tests/vendor/axe.min.js"
    axe = next(package for package in vendor.PACKAGES if package.name == "axe-core")
    monkeypatch.setattr(vendor, "PACKAGES", (vendor.Package(axe.name, axe.version, axe.licence, axe.source, target),))
    assert vendor.faults() == []
    target.write_bytes(target.read_bytes() + b"//")
    assert vendor.faults() == ["axe-core 4.14.1: tests/vendor/axe.min.js was changed by hand"]


def test_the_check_runs_without_a_network_or_node():
    told = subprocess.run(
        [sys.executable, ROOT / "scripts/vendor.py", "--check"], env={"PATH": ""}, capture_output=True, text=True
    )
    assert (told.returncode, told.stderr) == (0, "")


def test_every_book_names_version_licence_and_hash():
    for book in {package.book for package in vendor.PACKAGES}:
        for row in json.loads(book.read_text(encoding="utf-8")):
            assert row["version"], row["name"]
            assert row["licence"], row["name"]
            assert row["sha512"].startswith("sha512-"), row["name"]
            assert list(book.parent.glob(f"licences/{row['name']}.LICENSE.txt")), row["name"]


def test_source_maps_are_stripped():
    assert vendor.strip_source_map(b"let a=1;\n//# sourceMappingURL=a.js.map\n") == b"let a=1;\n"
    assert vendor.strip_source_map(b"let a=1;\n") == b"let a=1;\n"


def test_the_stylesheet_keeps_its_size():
    assert (DESK / "static/desk/desk.css").stat().st_size <= 40_000


def templates():
    """Every template of the product, for the two tests below."""
    return sorted((ROOT / "songhe").rglob("templates/**/*.html"))


@pytest.mark.parametrize("path", templates(), ids=lambda path: path.relative_to(ROOT / "songhe").as_posix())
def test_no_template_needs_unsafe_csp(path):
    text = re.sub(r"{% comment %}.*?{% endcomment %}|{#.*?#}", "", path.read_text(encoding="utf-8"), flags=re.S)
    assert not re.search(r"\sstyle=|<style|\son[a-z]+=|javascript:", text), "inline style or handler"
    for script in re.findall(r"<script\b[^>]*>", text):
        assert "src=" in script or "application/json" in script, script


def test_every_icon_named_is_in_the_sprite():
    drawn = set(re.findall(r'<symbol id="([^"]+)"', vendor.SPRITE.read_text(encoding="utf-8")))
    named = set()
    for path in templates():
        text = path.read_text(encoding="utf-8")
        named |= set(re.findall(r'{% icon "([^"]+)"', text)) | set(re.findall(r'<c-[^>]*?\bicon="([a-z-]+)"', text))
    assert named
    assert named - drawn == set()
