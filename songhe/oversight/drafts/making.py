"""From a confirmed draft (loose rows with spans) to a programme definition as `oversight.programmes` checks and runs it.

Plain data in, plain data out. A row keeps its id (t1, a3, m2 …), so each goal of the programme leads back to its words.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

SIGNS = {">=": ">=", "<=": "<=", "=": "=", "about": ">=", ">": ">=", "<": "<="}
EACH = {
    "乡镇": "town",
    "街道": "street",
    "乡镇(街道)": "township",
    "乡镇（街道）": "township",
    "村": "village",
    "社区": "community",
}
RECURS = {"周": "week", "月": "month", "季度": "quarter", "半年": "half", "年": "year"}
COUNTED = ("个", "处", "家", "所", "座")  # units of buildings
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
        "title": _both(draft["title"]["zh"]),
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
    return definition | {name: rows for name, rows in made.sections().items() if rows}


def _rows(draft: dict) -> dict[str, list[dict]]:
    names = ("targets", "allocations", "milestones", "duties", "standards", "grants", "baseline")
    return {name: draft.get(name) or [] for name in names}


def _both(text: str) -> dict[str, str]:
    """The notice's own words stand in both languages: nobody has translated them yet."""
    return {"zh": text, "en": text}


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

    def bodies(self) -> list[dict]:
        return [
            {"id": code, "name": _both(name), "answers": name in self.answering} for name, code in self.body_ids.items()
        ]

    def sections(self) -> dict[str, list[dict]]:
        out: dict[str, list[dict]] = {"targets": [], "milestones": [], "duties": [], "standards": [], "grants": []}
        for row in (*self.rows["targets"], *self.rows["allocations"], *self.rows["baseline"]):
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
        said = {"id": row["id"], "title": _both(row.get("title") or row["subject"]), "literal": _both(row["quote"])}
        if row.get("value") is not None:
            said |= {"operator": SIGNS[row.get("op") or "="], "value": row["value"]}
            if row.get("unit"):
                said["unit"] = _both(row["unit"])
        return said

    def _goal(self, row: dict) -> dict:
        baseline = row["id"].startswith("b")
        day = row.get("as_of") or row.get("deadline") or self.end
        end = day if baseline else row.get("deadline") or self.end
        goal: dict = {
            "id": row["id"],
            "subject": _both(row.get("title") or row["subject"]),
            "literal": _both(row["quote"]),
            "note": self._note(row),
            "operator": SIGNS[row.get("op") or "="],
            **self._amount(row),
            "deadline": {"written": row.get("deadline_written") or end, "date": end},
            "figure": self._figure(row),
        }
        if row.get("unit"):
            goal["unit"] = _both(row["unit"])
        if row.get("soft") in SOFT:
            goal["modality"] = row["soft"]
        if row.get("from") and row["from"] <= end:
            goal["start"] = row["from"]
        if baseline:
            goal["reported"] = {"value": row["value"], "as_of": day}
        return goal | self._where(row) | self._who(row)

    def _amount(self, row: dict) -> dict:
        level = EACH.get(row.get("per") or "")
        if level:
            return {"each": {"level": level, "value": row["value"]}}
        return {"value": row["value"]} | ({"recurs": RECURS[row["per"]]} if row.get("per") in RECURS else {})

    def _where(self, row: dict) -> dict:
        scope = row.get("scope")
        if not scope:
            return {}
        code = self.known.places.get(scope)
        return {"scope": _both(scope)} | ({"only": {"places": [code]}} if code else {})

    def _who(self, row: dict) -> dict:
        return {
            name: [self.body_ids[body] for body in row[name]] for name in ("lead", "help") if row.get(name)
        }  # fmt: skip

    def _figure(self, row: dict) -> dict:
        """Buildings are counted from the register of facilities; what nothing here knows is told with evidence."""
        kind = next((code for name, code in self.known.facility_kinds.items() if row["subject"].endswith(name)), None)
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
