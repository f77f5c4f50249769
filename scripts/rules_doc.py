"""docs/rules.md from the small tables of tests/specs/*.yaml: what goes in, what comes out, and why.

    python scripts/rules_doc.py           writes the page
    python scripts/rules_doc.py --check   fails if the page is not what the tables say

A table is a YAML file: id, title {zh, en}, why {zh, en}, source, given and expect (lists of {id, zh, en}), and rows: each a
list with one value for every given and every expect. The tests read the same rows, so the page cannot tell what is not so.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from songhe.core.definitions import BOTH, BadDefinition, Doc, Fault, Items, Map, Text, Value, check, load  # noqa: E402

SPECS, PAGE = ROOT / "tests" / "specs", ROOT / "docs" / "rules.md"
_CELLS = Items(Map({"id": Text(), "zh": Text(), "en": Text()}))
SCHEMA: dict[str, Value] = {
    "id": Text(),
    "title": BOTH,
    "why": BOTH,
    "source": Text(),
    "given": _CELLS,
    "expect": _CELLS,
    "rows": Items(Items(Value(required=False))),
}
HEAD = """\
# 规则 · Rules

每张表左边是给出的，右边（**粗体**）是系统应当得出的。本页由 `tests/specs` 生成，测试用的是同一批行。
Each table gives what goes in and, in **bold**, what must come out. Made from `tests/specs`; the tests use the same rows.
"""


def page() -> str:
    """The whole page. Raises BadDefinition if a table is malformed."""
    return HEAD + "".join(_section(_checked(path)) for path in sorted(SPECS.glob("*.yaml")))


def _checked(path: Path) -> Doc:
    doc = load(path)
    faults: list[Fault] = check(doc, SCHEMA)
    if not faults:
        width = len(doc.data["given"]) + len(doc.data["expect"])
        for i, row in enumerate(doc.data["rows"]):
            if len(row) != width:
                zh, en = (
                    f"这一行有{len(row)}格，应为{width}格。",
                    f"This row has {len(row)} cells; it must have {width}.",
                )
                faults.append(doc.fault(("rows", i), "row_width", zh, en))
    if faults:
        raise BadDefinition(faults)
    return doc


def _section(doc: Doc) -> str:
    data = doc.data
    heads = [f"{c['zh']}<br>{c['en']}" for c in data["given"]]
    heads += [f"**{c['zh']}**<br>**{c['en']}**" for c in data["expect"]]
    lines = [
        "",
        f"## {data['title']['zh']} · {data['title']['en']}",
        "",
        data["why"]["zh"],
        data["why"]["en"],
        f"来源 Source: {data['source']}",
        "",
        _row(heads),
        _row(["---"] * len(heads)),
        *(_row([_cell(v) for v in row]) for row in data["rows"]),
        "",
    ]
    return "\n".join(lines)


def _row(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _cell(value: Any) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return "是 yes" if value else "否 no"
    text = str(value).replace("\\", "\\\\").replace("|", "\\|").replace("\n", "<br>")
    return text.replace("*", "\\*")


def main(arguments: list[str]) -> int:
    try:
        text = page()
    except BadDefinition as bad:
        print(bad.text("zh"), bad.text("en"), sep="\n", file=sys.stderr)
        return 1
    if "--check" not in arguments:
        PAGE.parent.mkdir(exist_ok=True)
        PAGE.write_text(text, encoding="utf-8")
        return 0
    if PAGE.exists() and PAGE.read_text(encoding="utf-8") == text:
        return 0
    print("docs/rules.md 与 tests/specs 不一致，请运行 python scripts/rules_doc.py 后提交。", file=sys.stderr)
    print("docs/rules.md differs from tests/specs; run python scripts/rules_doc.py and commit it.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
