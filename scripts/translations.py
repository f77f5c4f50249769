"""English beside the Chinese: find every sentence of the product and keep its translation, without the gettext programs.

    python scripts/translations.py                    new sentences into the catalogue, unused ones out, compile
    python scripts/translations.py --fill FILE.json   the same, and take translations from {"中文": "English"}; a plural is a list of two
    python scripts/translations.py --check            changes nothing; fails on untranslated, stale or broken entries

Sentences are Chinese in the source: `{% translate %}` and `{% blocktranslate %}` in templates, `_()`, gettext, gettext_lazy,
ngettext and pgettext in Python. A sentence no longer used is kept as obsolete and revived when it comes back.
"""

import argparse
import ast
import fcntl
import io
import json
import os
import re
import sys
import tokenize
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polib
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "songhe"
CATALOGUE = PACKAGE / "locale/en/LC_MESSAGES/django.po"
TEMPLATE_KINDS = {".html", ".txt"}
# function → (position of the context, of the sentence, of the plural)
CALLS = {
    "_": (None, 0, None),
    "gettext": (None, 0, None),
    "gettext_lazy": (None, 0, None),
    "gettext_noop": (None, 0, None),
    "ngettext": (None, 0, 1),
    "ngettext_lazy": (None, 0, 1),
    "pgettext": (0, 1, None),
    "pgettext_lazy": (0, 1, None),
    "npgettext": (0, 1, 2),
    "npgettext_lazy": (0, 1, 2),
}
TEMPLATE_CALL = re.compile(r"(?<![\w.])(_|gettext|ngettext|pgettext|npgettext)\((?=u?['\"])")
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|%[sd]|\{(\w*)[^{}]*\}")
HEADER = {
    "Project-Id-Version": "songhe",
    "Language": "en",
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit",
    "Plural-Forms": "nplurals=2; plural=(n != 1);",
}

Sentence = tuple[str | None, str, str | None]
"""(context, sentence, plural)"""


def in_template(text: str, origin: str) -> Iterator[Sentence]:
    """Sentences of one template, in order."""
    code = templatize(text, origin=origin)
    for found in TEMPLATE_CALL.finditer(code):
        context, sentence, plural = CALLS[found[1]]
        arguments = literals(code[found.end() :])
        yield tuple(arguments[at] if at is not None else None for at in (context, sentence, plural))


def literals(code: str) -> list[str]:
    """The string literals a call begins with: "'a', 'b', count)…" → ["a", "b"]."""
    found = []
    for token in tokenize.generate_tokens(io.StringIO(code).readline):
        if token.type == tokenize.STRING:
            found.append(ast.literal_eval(token.string))
        elif token.string != ",":
            break
    return found


def in_python(text: str, origin: str) -> Iterator[Sentence]:
    """Sentences of one module. ValueError when a translated sentence is put together at run time."""
    tree = ast.parse(text, origin)
    names = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation":
            names |= {alias.asname or alias.name: alias.name for alias in node.names if alias.name in CALLS}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
            places = CALLS[names[node.func.id]]
            # gettext(variable) is right for a sentence that stands elsewhere; an f-string is never right.
            values = [node.args[at] if at is not None and at < len(node.args) else None for at in places]
            if any(isinstance(value, ast.JoinedStr) for value in values):
                raise ValueError(f"{origin}:{node.lineno}: an f-string cannot be translated; use %(name)s")
            if isinstance(values[1], ast.Constant) and isinstance(values[1].value, str):
                yield tuple(value.value if isinstance(value, ast.Constant) else None for value in values)


def sentences(package: Path = PACKAGE) -> dict[Sentence, list[str]]:
    """Every sentence of the product → the files it stands in."""
    found = defaultdict(list)
    for path in sorted(package.rglob("*")):
        origin = path.relative_to(package.parent).as_posix()
        if path.suffix == ".py":
            reader = in_python
        elif path.suffix in TEMPLATE_KINDS and "templates" in path.parts:
            reader = in_template
        else:
            continue
        for sentence in reader(path.read_text(encoding="utf-8"), origin):
            if sentence[1] and origin not in found[sentence]:
                found[sentence].append(origin)
    return found


def read(path: Path) -> polib.POFile:
    """The catalogue as it is, or an empty one."""
    if path.exists():
        return polib.pofile(str(path), wrapwidth=0)
    catalogue = polib.POFile(wrapwidth=0)
    catalogue.metadata = dict(HEADER)
    return catalogue


def merge(
    catalogue: polib.POFile, found: dict[Sentence, list[str]], filled: dict[str, str | list[str]]
) -> polib.POFile:
    """A fresh catalogue: the found sentences with the translations known, and the unused ones as obsolete."""
    known = {(entry.msgctxt, entry.msgid): entry for entry in catalogue}
    fresh = polib.POFile(wrapwidth=0)
    fresh.metadata = dict(HEADER)
    for (context, sentence, plural), origins in sorted(found.items(), key=lambda item: (item[1][0], item[0][1])):
        entry = known.pop((context, sentence), None) or polib.POEntry(msgctxt=context, msgid=sentence)
        entry.obsolete = False
        entry.occurrences = [(origin, "") for origin in origins]
        entry.msgid_plural = plural or ""
        entry.flags = ["python-format"] if re.search(r"%\(\w+\)[sd]|%[sd]", sentence) else []
        if plural and not entry.msgstr_plural:
            entry.msgstr_plural = {0: "", 1: ""}
        english = filled.get(sentence)
        if plural and isinstance(english, list):
            entry.msgstr_plural = dict(enumerate(english))
        elif english and not plural:
            english = english[-1] if isinstance(english, list) else english  # a plural elsewhere, plain here
            entry.msgstr = english
        fresh.append(entry)
    for entry in sorted(known.values(), key=lambda entry: entry.msgid):
        if entry.translated() or entry.obsolete:
            entry.obsolete, entry.occurrences = True, []
            fresh.append(entry)
    return fresh


def compiled(catalogue: polib.POFile) -> bytes:
    """The .mo as bytes."""
    return catalogue.to_binary()


def names_in(text: str) -> set[str]:
    """The placeholders of a sentence."""
    return {found[0] for found in PLACEHOLDER.finditer(text)}


def faults(catalogue: polib.POFile, found: dict[Sentence, list[str]], mo: Path) -> list[str]:
    """What --check complains of, a line each."""
    wrong = []
    used = {(context, sentence) for context, sentence, _ in found}
    entries = {(entry.msgctxt, entry.msgid): entry for entry in catalogue if not entry.obsolete}
    for key in sorted(used, key=str):
        entry = entries.get(key)
        origin = next(files[0] for sentence, files in found.items() if sentence[:2] == key)
        if entry is None or not entry.translated():
            wrong.append(f"untranslated: {key[1]!r} ({origin})")
        elif any(names_in(text) != names_in(entry.msgid) for text in [entry.msgstr] if text):
            wrong.append(f"placeholders differ: {entry.msgid!r} → {entry.msgstr!r}")
    wrong += [f"stale: {key[1]!r}" for key in sorted(entries.keys() - used, key=str)]
    if not mo.exists() or mo.read_bytes() != compiled(catalogue):
        wrong.append(f"{mo.relative_to(ROOT)} is not compiled from the catalogue")
    return wrong


@contextmanager
def alone(path: Path):
    """One writer at a time: the folder itself is the lock."""
    path.parent.mkdir(parents=True, exist_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def update(filled: dict[str, str | list[str]]) -> int:
    """Merge and compile → how many sentences still lack English."""
    with alone(CATALOGUE):
        catalogue = merge(read(CATALOGUE), sentences(), filled)
        catalogue.save(str(CATALOGUE))
        CATALOGUE.with_suffix(".mo").write_bytes(compiled(catalogue))
    missing = [entry for entry in catalogue if not entry.obsolete and not entry.translated()]
    for entry in missing:
        print(f"untranslated: {entry.msgid!r} ({entry.occurrences[0][0]})")
    print(f"{len(catalogue) - len(catalogue.obsolete_entries())} sentences, {len(missing)} without English")
    return len(missing)


def main() -> int:
    """Command line; the exit code is 1 when --check finds a fault."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="change nothing, fail on any gap")
    parser.add_argument("--fill", type=Path, metavar="FILE", help='JSON {"中文": "English"} to take translations from')
    options = parser.parse_args()
    if options.check:
        wrong = faults(read(CATALOGUE), sentences(), CATALOGUE.with_suffix(".mo"))
        print("\n".join(wrong) or "translations complete")
        return 1 if wrong else 0
    update(json.loads(options.fill.read_text(encoding="utf-8")) if options.fill else {})
    return 0


if __name__ == "__main__":
    sys.exit(main())
