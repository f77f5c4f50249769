"""Third-party browser files kept in the repository: fetch them anew, or prove that nobody changed them.

    python scripts/vendor.py            takes every package of PACKAGES with `npm pack` and writes the files and vendor.json
    python scripts/vendor.py --check    no network, no Node: the hashes in vendor.json against the files on disk

The product needs no Node: the files are committed. A file differs from the published one in one thing only, its
`sourceMappingURL` line, because a hashed static storage fails on a map that is not there.
"""

import argparse
import base64
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DESK_STATIC = ROOT / "songhe/doors/desk/static"
SPRITE = DESK_STATIC / "desk/icons.svg"
SOURCE_MAP = re.compile(rb"\n?//[#@] ?sourceMappingURL=[^\n]*\n?\Z")


@dataclass(frozen=True)
class Package:
    """One published package and the one file we take from it."""

    name: str
    version: str
    licence: str
    source: str
    """Path inside the package; for the icons, the folder."""
    target: Path
    legal: tuple[str, ...] = ("LICENSE",)
    """Licence and notice files, copied beside ours as the licences ask."""

    @property
    def book(self) -> Path:
        """The vendor.json in which this package is written."""
        folder = DESK_STATIC / "vendor" if self.target == SPRITE else self.target.parent
        return folder / "vendor.json"


PACKAGES = (
    Package("htmx.org", "4.0.1", "0BSD", "dist/htmx.min.js", DESK_STATIC / "vendor/htmx.min.js"),
    Package("echarts", "6.1.0", "Apache-2.0", "dist/echarts.min.js", DESK_STATIC / "vendor/echarts.min.js",
            ("LICENSE", "NOTICE")),
    Package("idb", "8.0.4", "ISC", "build/umd.js", DESK_STATIC / "vendor/idb.min.js"),
    Package("lucide-static", "1.62.0", "ISC", "icons", SPRITE),
    Package("axe-core", "4.14.1", "MPL-2.0", "axe.min.js", ROOT / "tests/vendor/axe.min.js",
            ("LICENSE", "LICENSE-3RD-PARTY.txt")),
)  # fmt: skip

# What the pages call an icon → its name in lucide. Our names say the use, so that a picture can be changed in one place.
ICONS = {
    "home": "layout-dashboard", "people": "users-round", "person": "user-round", "visit": "hand-heart",
    "phone": "phone", "video": "video", "door": "house", "indicator": "chart-column", "bulletin": "megaphone",
    "map": "map", "place": "map-pin", "transfer": "arrow-left-right", "import": "file-up", "export": "download",
    "audit": "shield-check", "account": "circle-user-round", "key": "key-round", "logout": "log-out",
    "search": "search", "filter": "sliders-horizontal", "close": "x", "plus": "plus", "edit": "pencil",
    "check": "check", "warning": "triangle-alert", "error": "circle-x", "info": "info", "help": "circle-question-mark",
    "left": "chevron-left", "right": "chevron-right", "down": "chevron-down", "menu": "menu", "calendar": "calendar-days",
    "clock": "clock", "type": "a-large-small", "language": "languages", "print": "printer", "lock": "lock-keyhole",
    "eye": "eye", "undo": "undo-2", "history": "history", "family": "contact-round", "empty": "inbox",
    "facility": "building-2", "programme": "list-checks", "order": "clipboard-list", "grant": "hand-coins",
    "users": "users-round", "heart-handshake": "heart-handshake", "gauge": "gauge", "file-up": "file-up",
    "user-cog": "user-cog", "scroll-text": "scroll-text", "star": "star", "mail": "mail", "copy": "copy", "list": "list",
    "settings": "settings", "keyboard": "keyboard", "link": "external-link", "escalate": "bell-ring",
}  # fmt: skip


def sha512(data: bytes) -> str:
    """`sha512-…` in the notation npm and browsers use."""
    return "sha512-" + base64.b64encode(hashlib.sha512(data).digest()).decode()


def strip_source_map(data: bytes) -> bytes:
    """Take away the closing sourceMappingURL line, if any."""
    return SOURCE_MAP.sub(b"\n", data)


def sprite(folder: Path) -> bytes:
    """One SVG with a symbol for each icon of ICONS, drawn in the colour of the text around it."""
    symbols = []
    for ours, theirs in sorted(ICONS.items()):
        drawing = (folder / f"{theirs}.svg").read_text(encoding="utf-8")
        shapes = re.search(r"<svg[^>]*>(.*)</svg>", drawing, re.S).group(1)
        shapes = re.sub(r"\s+", " ", shapes).strip().replace("> <", "><")
        symbols.append(
            f'<symbol id="{ours}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" '
            f'stroke-linecap="round" stroke-linejoin="round">{shapes}</symbol>'
        )
    head = "<!-- lucide-static 1.62.0, ISC licence: see ../vendor/licences/ -->"
    return f'<svg xmlns="http://www.w3.org/2000/svg">{head}\n{chr(10).join(symbols)}\n</svg>\n'.encode()


def fetch(package: Package, scratch: Path) -> tuple[Path, str]:
    """Unpack one package → (its folder, the hash of the archive)."""
    told = subprocess.run(
        ["npm", "pack", "--silent", f"{package.name}@{package.version}"],
        cwd=scratch, check=True, capture_output=True, text=True,
    )  # fmt: skip
    archive = scratch / told.stdout.split()[-1]
    folder = scratch / archive.stem
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    return folder / "package", sha512(archive.read_bytes())


def place(package: Package, folder: Path) -> bytes:
    """Write our file and the licences beside it → what was written."""
    source = folder / package.source
    data = sprite(source) if source.is_dir() else strip_source_map(source.read_bytes())
    package.target.parent.mkdir(parents=True, exist_ok=True)
    package.target.write_bytes(data)
    licences = package.book.parent / "licences"
    licences.mkdir(parents=True, exist_ok=True)
    for legal in package.legal:
        shutil.copyfile(folder / legal, licences / f"{package.name}.{legal.removesuffix('.txt')}.txt")
    return data


def refresh() -> None:
    """Take every package anew and write the books."""
    books: dict[Path, list[dict]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        for package in PACKAGES:
            folder, archive_hash = fetch(package, Path(scratch))
            data = place(package, folder)
            books.setdefault(package.book, []).append({
                "name": package.name,
                "version": package.version,
                "licence": package.licence,
                "source": package.source,
                "file": package.target.relative_to(ROOT).as_posix(),
                "sha512": sha512(data),
                "package_sha512": archive_hash,
            })  # fmt: skip
            print(f"{package.name} {package.version}: {len(data):,} bytes")
    for book, rows in books.items():
        book.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")


def faults() -> list[str]:
    """Every difference between PACKAGES, the books and the files; empty when all is well."""
    found = []
    for package in PACKAGES:
        label = f"{package.name} {package.version}"
        rows = json.loads(package.book.read_text(encoding="utf-8")) if package.book.exists() else []
        row = next((row for row in rows if (row["name"], row["version"]) == (package.name, package.version)), None)
        if row is None:
            found.append(f"{label}: not in {package.book.relative_to(ROOT)}")
        elif not package.target.exists():
            found.append(f"{label}: {row['file']} is missing")
        elif sha512(package.target.read_bytes()) != row["sha512"]:
            found.append(f"{label}: {row['file']} was changed by hand")
        elif b"sourceMappingURL" in package.target.read_bytes()[-400:]:
            found.append(f"{label}: {row['file']} names a source map")
    return found


def main() -> int:
    """Command line; the exit code is 1 when --check finds a fault."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="verify the hashes without a network")
    if not parser.parse_args().check:
        refresh()
    wrong = faults()
    print("\n".join(wrong) or f"{len(PACKAGES)} vendored files as written down")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
