"""The contract of the queue is said twice, in JavaScript and in Python: here both answer the same questions."""

import json
import shutil
import subprocess
from itertools import product

import pytest

from songhe.doors.field import shell
from tests.doors.field.phone import Record, answered, read

NODE = shutil.which("node")
OURS, HTML = json.dumps({"songhe": "field/1"}), "<html>"
STATES = ["saved", "sent", "returned"]
RESULTS = ["kept", "clash", "returned", "held", "else"]
ANSWERS = [
    (kind, status, content, text)
    for kind, status, content, text in product(
        ["basic"], [200, 400, 401, 403, 404, 408, 409, 413, 429, 500, 502], ["application/json", "text/html; charset=utf-8"],
        [OURS, OURS[:7], HTML, "{}", "null"],
    )
] + [("opaqueredirect", 0, "", "")]  # fmt: skip
SCRIPT = """
import { readFileSync } from "node:fs";
const queue = await import(process.argv[1]), wire = await import(process.argv[2]);
const { states, results, answers } = JSON.parse(readFileSync(0, "utf8"));
const out = { settled: [], read: answers.map((a) => wire.read(...a).how), may: [] };
for (const state of states) for (const result of results) for (const code of ["", "c"]) {
  const record = { uuid: "u", state, tries: 1, not_before: 0 };
  const next = queue.answered(record, { result, zh: "z", en: "e", code }, 5) || record;
  out.settled.push([next.state, Boolean(next.clash), Boolean(next.said)]);
}
for (const state of states) for (const tries of [0, 1]) out.may.push([queue.mayChange({ state, tries }), queue.mayDrop({ state, tries })]);
console.log(JSON.stringify(out));
"""


@pytest.mark.skipif(NODE is None, reason="node is not installed: the browser journeys walk the same contract")
def test_both_say_the_same(tmp_path):
    for name in ("queue", "wire"):
        shutil.copy(shell.HERE / f"static/field/{name}.js", tmp_path / f"{name}.mjs")
    asked = json.dumps({"states": STATES, "results": RESULTS, "answers": ANSWERS})
    words = [NODE, "--input-type=module", "-e", SCRIPT, str(tmp_path / "queue.mjs"), str(tmp_path / "wire.mjs")]
    done = subprocess.run(words, input=asked, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    theirs = json.loads(done.stdout)
    ours = [
        answered(Record("u", 1, "visit", 1, {}, state, 1), {"result": r, "zh": "z", "code": code})
        for state in STATES
        for r in RESULTS
        for code in ("", "c")
    ]
    assert theirs["settled"] == [[r.state, bool(r.clash), bool(r.said)] for r in ours]
    may = [Record("u", 1, "visit", 1, {}, state, tries) for state in STATES for tries in (0, 1)]
    assert theirs["may"] == [[r.may_change, r.may_drop] for r in may]
    assert theirs["read"] == [read(*answer) for answer in ANSWERS]


def test_only_our_own_answers_settle_anything():
    for kind, status, content, text in ANSWERS:
        if read(kind, status, content, text) == "ok":
            assert (status, text) == (200, OURS)
            assert "json" in content
