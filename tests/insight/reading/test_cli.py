"""`songhe read FILE [--json]`: JSON alone on stdout, words for people on stderr, no database."""

import json
import subprocess
import sys
from pathlib import Path

from typer.testing import CliRunner

from songhe.doors.cli.read import app

TEXT = "青云县2021年养老服务工作方案\n一、工作任务\n新建站点30个。每周探访不少于2次。\n"


def test_json_is_all_that_stands_on_stdout(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TEXT, encoding="utf-8")
    ran = CliRunner().invoke(app, [str(tmp_path / "a.txt"), "--json"])
    assert ran.exit_code == 0
    assert [i["value"] for i in json.loads(ran.stdout)["items"]] == [30, 2]


def test_for_people(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TEXT, encoding="utf-8")
    ran = CliRunner().invoke(app, [str(tmp_path / "a.txt")])
    assert "目标" in ran.stdout
    assert "≥2次" in ran.stdout


def test_a_refusal_is_said_twice_and_ends_with_two(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"")
    for name in ("a.txt", "missing.txt"):
        ran = CliRunner().invoke(app, [str(tmp_path / name), "--json"])
        assert ran.exit_code == 2
        assert ran.stdout == ""
        assert len(ran.stderr.strip().splitlines()) == 2


def test_it_loads_no_django() -> None:
    code = "import sys, songhe.doors.cli.read; sys.exit(any(m.split('.')[0] == 'django' for m in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
