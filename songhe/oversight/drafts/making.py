"""From a confirmed draft (loose rows with spans) to a programme definition as `oversight.programmes` checks and runs it.

Plain data in, plain data out. A row keeps its id (t1, a3, m2 …), so each goal of the programme leads back to its words.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from songhe.oversight.drafts import english
from songhe.oversight.drafts.sharing import Column, share_out

SIGNS = {">=": ">=", "<=": "<=", "=": "=", "about": ">=", ">": ">=", "<": "<="}
EACH = {  # what follows 每个 or 各 in a scope, brackets and stops taken out
    "township": ("乡镇街道", "镇街道", "镇街", "街道乡镇", "街道镇", "街镇"),
    "town": ("乡镇", "镇", "乡"),
    "street": ("街道",),
    "village": ("村", "行政村", "建制村", "村社区", "村街社区", "村街", "村居", "社区村", "村居社区"),
    "community": ("社区", "城市社区", "城镇社区"),
}
EACH_OF = re.compile(r"(?:每一?个?|各个?|所有)([\u4e00-\u9fff()（）、]+?)(?:至少|都|均)?")
RECURS = {"周": "week", "月": "month", "季度": "quarter", "半年": "half", "年": "year"}
COUNTED = ("个", "处", "家", "所", "座")  # units of buildings
QUALIFIED = re.compile(r"示范|[星甲]级|标杆|样板|品牌|特色|智慧|优秀|达标|标准化|医养")
SOFT = ("力争", "争取", "一般", "原则上", "基本", "约")


@dataclass(frozen=True)
class Known:
    """What names lead to: places by name -> code, kinds of facility by their Chinese name, duties by title."""

    places: Mapping[str, str] = field(default_factory=dict)
    facility_kinds: Mapping[str, str] = field(default_factory=dict)
    duties: Mapping[str, str] = field(default_factory=dict)


def programme_of(draft: dict, *, place: str, on: str, known: Known) -> dict:
    """The definition. `place`: code of the area it holds for; `on`: the day taken where the notice gives none (ISO)."""
    source = draft["source"]
    issued = source.get("date") or source.get("in_force_from") or on
    days = [
        row[name] for rows in _rows(draft).values() for row in rows for name in ("from", "deadline") if row.get(name)
    ]
    made = _Maker(draft, known, start=min([source.get("in_force_from") or issued, *days]), end=max([issued, *days]))
    definition: dict = {
        "id": draft["id"],
        "title": _both(draft["title"]["zh"], f"Notice of {issued} (in Chinese): {draft['title']['zh']}"),
        "language": "zh",
        "place": place,
        "form": "plan",
        "year": int(issued[:4]),
        "from": made.start,
        "to": made.end if days else f"{issued[:4]}-12-31",
        "source": {"title": source.get("title") or draft["title"]["zh"], "issuer": source.get("issuer") or "未写明", "date": issued}
        | ({"number": source["number"]} if source.get("number") else {}),
        "supersedes": [],
        "upstream": [],
        "bodies": made.bodies(),
    }  # fmt: skip
    return definition | {name: rows for name, rows in made.sections().items() if rows} | made.annex()


def _rows(draft: dict) -> dict[str, list[dict]]:
    names = ("targets", "allocations", "milestones", "duties", "standards", "grants", "baseline")
    return {name: draft.get(name) or [] for name in names}


def _both(zh: str, en: str | None = None) -> dict[str, str]:
    """Both languages; without an English word of our own the notice's stand in both, and the programme's `language` says so."""
    return {"zh": zh, "en": en or zh}


def _quoted(zh: str) -> dict[str, str]:
    return _both(zh, f"In the notice's words: “{zh}”")


def _title(row: dict) -> str:
    return row.get("title") or row.get("subject") or row["quote"]


def level_of(scope: str) -> str | None:
    """每个镇（街道） → township, 各乡镇 → town: the sub-areas that each have to reach a number."""
    m = EACH_OF.fullmatch(scope)
    core = re.sub(r"[()（）、]", "", m.group(1)) if m else ""
    return next((level for level, words in EACH.items() if core in words), None)


class _Maker:
    """One draft on its way; `start` and `end` bound what has no date of its own."""

    def __init__(self, draft: dict, known: Known, *, start: str, end: str):
        self.rows, self.known, self.start, self.end = _rows(draft), known, start, end
        heard = [body["name"] for body in draft.get("bodies") or []]
        asked = [
            name
            for rows in self.rows.values()
            for row in rows
            for name in (*(row.get("lead") or []), *(row.get("help") or []))
        ]
        names = list(dict.fromkeys([*asked, *heard])) or [draft["source"].get("issuer") or "未写明"]
        self.body_ids = {name: f"body_{at}" for at, name in enumerate(names, 1)}
        self.answering = set(asked)
        self.shared = share_out(self.rows["targets"], self.rows["allocations"], self.code_of)

    def code_of(self, name: str) -> str | None:
        """The code of a place by its name, as a notice writes it: 店埠镇, or 店埠 where only one place is called so."""
        if name in self.known.places or len(name) < 2:
            return self.known.places.get(name)
        fits = [
            code
            for full, code in self.known.places.items()
            if re.fullmatch(rf"{re.escape(name)}(?:街道|镇|乡|区|县|市)", full)
        ]
        return fits[0] if len(fits) == 1 else None

    def annex(self) -> dict:
        """The table of shares by place and year, with the sums the text sets."""
        if not self.shared.annex:
            return {}
        sums = [
            {"of": column.id, "is": column.total, "where": "正文目标" if column.target else "通知所列各行相加"}
            for column in self.shared.columns
        ]
        title = _both("任务分解表（识读自通知）", "Shares by place, read from the notice")
        return {"annex": {"title": title, "rows": self.shared.annex, "sums": sums}}

    def _column(self, column: Column) -> dict:
        """A goal for shares that no target of the text names: their sum."""
        first = column.rows[0]
        days = [row["deadline"] for row in column.rows if row.get("deadline")]
        starts = [row["from"] for row in column.rows if row.get("from")]
        named = "、".join(f"{row['scope']}{row['value']:g}" for row in column.rows[:30])
        whole = first | {"value": column.total, "quote": named, "scope": None}
        whole |= {"deadline": max(days)} if days else {}
        whole |= {"from": min(starts)} if starts else {}
        goal = self._goal({name: value for name, value in whole.items() if value is not None})
        n = len({row["scope"] for row in column.rows})
        goal["note"] = _both(
            f"{goal['note']['zh']}通知只列各地任务，总数由 {n} 个地方相加得出。",
            f"{goal['note']['en']} The notice gives shares only; the whole is the sum of {n} places.",
        )
        return goal

    def bodies(self) -> list[dict]:
        return [
            {
                "id": code,
                "name": _both(name, english.office(name) or ("Not stated" if name == "未写明" else None)),
                "answers": name in self.answering,
            }
            for name, code in self.body_ids.items()
        ]

    def sections(self) -> dict[str, list[dict]]:
        out: dict[str, list[dict]] = {"targets": [], "milestones": [], "duties": [], "standards": [], "grants": []}
        out["targets"] += [self._column(column) for column in self.shared.columns if column.target is None]
        for row in (*self.rows["targets"], *self.shared.alone, *self.rows["baseline"]):
            (out["targets"] if row.get("value") is not None else out["standards"]).append(self._goal_or_words(row))
        for row in self.rows["milestones"]:
            out["milestones"].append(
                self._goal(row | {"value": row.get("value") or 1, "unit": row.get("unit") or "项", "op": ">="})
            )
        for row in self.rows["duties"]:
            name = self.known.duties.get(row.get("existing") or "")
            if name:
                out["duties"].append(self._words(row) | {"duty": name})
            elif row.get("value") is not None:
                out["targets"].append(self._goal(row))
            else:
                out["standards"].append(self._words(row))
        out["standards"] += [self._words(row) for row in self.rows["standards"]]
        out["grants"] += [self._words(row) for row in self.rows["grants"]]
        return out

    def _goal_or_words(self, row: dict) -> dict:
        return self._goal(row) if row.get("value") is not None else self._words(row)

    def _words(self, row: dict) -> dict:
        """What carries no figure to be reached: a title, its words, an amount if there is one."""
        title = _title(row)
        said = {"id": row["id"], "title": _both(title, english.subject(title)), "literal": _quoted(row["quote"])}
        if row.get("value") is not None:
            said |= {"operator": SIGNS[row.get("op") or "="], "value": row["value"]}
            if row.get("unit"):
                said["unit"] = _both(row["unit"], english.unit(row["unit"]))
        return said

    def _goal(self, row: dict) -> dict:
        baseline = row["id"].startswith("b")
        day = row.get("as_of") or row.get("deadline") or self.end
        end = day if baseline else row.get("deadline") or self.end
        goal: dict = {
            "id": row["id"],
            "subject": _both(_title(row), english.subject(_title(row))),
            "literal": _quoted(row["quote"]),
            "note": self._note(row),
            "operator": SIGNS[row.get("op") or "="],
            **self._amount(row),
            "deadline": {"written": row.get("deadline_written") or end, "date": end},
            "figure": self._figure(row),
        }
        if row.get("unit"):
            goal["unit"] = _both(row["unit"], english.unit(row["unit"]))
        if row.get("soft") in SOFT:
            goal["modality"] = row["soft"]
        if row.get("from") and row["from"] <= end:
            goal["start"] = row["from"]
        if baseline:
            goal["reported"] = {"value": row["value"], "as_of": day}
        return goal | self._where(row) | self._who(row)

    def _amount(self, row: dict) -> dict:
        level = None if row["id"].startswith("b") or row.get("unit") == "%" else level_of(row.get("scope") or "")
        amount = {"each": {"level": level, "value": row["value"]}} if level else {"value": row["value"]}
        return amount | ({"recurs": RECURS[row["per"]]} if row.get("per") in RECURS else {})

    def _where(self, row: dict) -> dict:
        scope = row.get("scope")
        if not scope:
            return {}
        code = self.code_of(scope)
        return {"scope": _both(scope)} | ({"only": {"places": [code]}} if code else {})

    def _who(self, row: dict) -> dict:
        return {
            name: [self.body_ids[body] for body in row[name]] for name in ("lead", "help") if row.get(name)
        }  # fmt: skip

    def _figure(self, row: dict) -> dict:
        """Buildings are counted from the register of facilities; what nothing here knows is told with evidence."""
        kind = next(
            (code for name, code in self.known.facility_kinds.items() if (row.get("subject") or "").endswith(name)),
            None,
        )
        if QUALIFIED.search(row.get("subject") or ""):
            kind = None  # 示范养老机构: the register does not say which are exemplary
        if kind and row.get("unit") in COUNTED and not row["id"].startswith("b"):
            return {"from": "facilities", "kinds": [kind], "reached": "in_use"}
        return {"from": "evidence"}

    def _note(self, row: dict) -> dict[str, str]:
        zh, en = "由通知识读、经人工确认。", "Read from the notice and confirmed by a person."
        if row.get("op") == "about":
            zh, en = zh + "“约”按不少于掌握。", en + " “About” is taken as at least."
        if row.get("value_max") is not None:
            zh, en = f"{zh}上限 {row['value_max']:g}。", f"{en} Upper value {row['value_max']:g}."
        return {"zh": zh, "en": en}
