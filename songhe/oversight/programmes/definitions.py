"""Programmes as people write them: `definitions/programmes/*.yaml`, checked, with a version that follows the text.

named("laixi-2020").goal("centres").value -> 12
commitments()["R16"]                      -> [Carrier(programme="laixi-2020", kind="target", object="centres", …)]
"""

import csv
import hashlib
import json
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from importlib import resources
from pathlib import Path

from songhe.care.duties import definitions as duties
from songhe.core.definitions import check, checked, load, load_all
from songhe.core.refusal import Refusal
from songhe.core.yamldoc import BadDefinition, Doc, Fault, loads
from songhe.insight.indicators import definitions as indicators
from songhe.oversight.programmes import checks, facilities_words, rules
from songhe.oversight.programmes.schema import SCHEMA, STATES_SCHEMA

REGISTER = tuple(f"R{number:02d}" for number in range(1, 74))  # every quantified commitment of the founding notices


@dataclass(frozen=True)
class Goal:
    """One target or milestone: what must be reached by when, and where its figure comes from. `definition` is the row as written."""

    programme: str
    section: str
    definition: dict
    start: date
    deadline: date

    @property
    def id(self) -> str:
        return self.definition["id"]

    @property
    def operator(self) -> str:
        return self.definition["operator"]

    @property
    def value(self) -> int | float | None:
        """The value as a whole; None where only a value for each sub-area is set."""
        return self.definition.get("value")

    @property
    def each(self) -> dict | None:
        return self.definition.get("each")

    @property
    def recurs(self) -> str:
        return self.definition.get("recurs") or ""

    @property
    def column(self) -> str:
        """Its column of the annex."""
        return self.definition.get("shares_of") or self.id

    @property
    def figure(self) -> dict:
        return self.definition["figure"]

    @property
    def hard(self) -> bool:
        return not self.definition.get("modality")

    @property
    def kind(self) -> str:
        if self.section == "milestones":
            return "milestone"
        if self.operator == "<=":
            return "ceiling"
        if self.definition.get("reported"):
            return "achieved"
        return "recurring" if self.recurs else "target"

    def said(self, field: str) -> str:
        """A two-language field in the reader's language, empty where it is not given."""
        return said(self.definition.get(field))


def most(goal: Goal) -> int | float | None:
    """The number a goal sets for one place and period: of each sub-area where it is divided, else of the whole."""
    return goal.each["value"] if goal.each else goal.value


def entered(goal: Goal) -> bool:
    """Whether a figure of this goal may be entered with its paper: it has no other source, or none before rows were kept."""
    return goal.figure["from"] == "evidence" or bool(goal.figure.get("entered"))


def limits(goal: Goal) -> bool:
    """Whether a goal says how many may be had at most: a ceiling, or a fixed number that people choose (ten exemplars)."""
    return goal.operator == "<=" or (goal.operator == "=" and goal.figure["from"] in ("evidence", "awards"))


@dataclass(frozen=True)
class Carrier:
    """What carries a commitment: programme, kind, the object's id, its words."""

    commitment: str
    programme: str
    kind: str
    object: str
    title: dict
    literal: dict
    note: dict | None
    value: str
    figure: dict | None = None
    unit: dict | None = None


@dataclass(frozen=True)
class Programme:
    """One notice as a running programme. `data` is the checked definition, `goals` its targets and milestones."""

    id: str
    place: str
    start: date
    end: date
    data: dict
    goals: tuple[Goal, ...]
    version: str
    file: str

    def goal(self, name: str) -> Goal:
        """One target or milestone; Refusal for an unknown name."""
        for goal in self.goals:
            if goal.id == name:
                return goal
        names = "、".join(goal.id for goal in self.goals)
        raise Refusal(
            "unknown_goal", zh=f"“{self.data['title']['zh']}”里没有目标“{name}”。现有：{names}。",
            en=f'"{self.data["title"]["en"]}" has no goal "{name}". There are: {names}.', field="target",
        )  # fmt: skip

    @property
    def rows(self) -> list[dict]:
        """The rows of its annex: {place, name, year, type, shares}."""
        return (self.data.get("annex") or {}).get("rows", [])

    def row_of(self, code: str) -> dict | None:
        return next((row for row in self.rows if row["place"] == code), None)

    @property
    def untranslated(self) -> bool:
        """Whether a reader in English meets the notice's own Chinese here: nobody has translated what was read from it."""
        from django.utils.translation import get_language

        return self.data.get("language") == "zh" and (get_language() or "").startswith("en")

    def said(self, field: str) -> str:
        return said(self.data.get(field))


def said(pair: dict | None) -> str:
    """A {zh, en} in the reader's language."""
    from django.utils.translation import get_language

    if not pair:
        return ""
    return pair["en"] if (get_language() or "").startswith("en") else pair["zh"]


def folder() -> Path:
    return Path(str(resources.files("songhe.definitions")))


@cache
def known() -> checks.Known:
    """The names that stand in this house's other definitions, and the places it ships."""
    return checks.Known(
        duties={row["name"] for row in duties.rule_rows()},
        indicators=set(indicators.shipped()),
        standards=_ids("standards"),
        grants=_ids("grants"),
        facility_kinds=set(facilities_words.KINDS),
        bed_kinds=set(facilities_words.BEDS),
        statuses=set(facilities_words.STATUSES),
        places=_is_shipped,
    )


def _ids(name: str) -> set[str]:
    where = folder() / name
    named_ones = (doc.data.get("id") for doc in load_all(where)) if where.is_dir() else ()
    return {one for one in named_ones if one}


@cache
def _shipped_places() -> frozenset[str]:
    text = (resources.files("songhe.registry.places") / "data" / "places.csv").read_text(encoding="utf-8")
    return frozenset(row["code"] for row in csv.DictReader(text.splitlines()))


def _is_shipped(code: str) -> bool:
    """Places of counties that are shipped must be on the list; of others nothing is known here."""
    return code in _shipped_places() or code[:6] not in _shipped_places()


def faults(doc: Doc) -> list[Fault]:
    """Everything wrong with one programme, in the order of the file."""
    return check(doc, SCHEMA) or checks.beyond_schema(doc, known())


def read(where: Path | None = None) -> dict[str, Programme]:
    """Every programme of a folder by id. Raises BadDefinition with all faults of all files."""
    wrong: list[Fault] = []
    found: dict[str, Programme] = {}
    for doc in load_all(where or folder() / "programmes"):
        own = faults(doc)
        if not own and doc.data["id"] in found:
            first = found[doc.data["id"]].file
            own = [doc.fault(("id",), "twice", f"{first} 已用此名。请改名。", f"{first} has this id. Rename it.")]
        wrong += own
        if not own:
            found[doc.data["id"]] = made(doc)
    if wrong:
        raise BadDefinition(wrong)
    return found


def made(doc: Doc) -> Programme:
    """The programme of a checked document."""
    data = doc.data
    text = json.dumps(data, ensure_ascii=False, sort_keys=True, default=date.isoformat)
    goals = tuple(
        Goal(data["id"], section, raw, raw.get("start") or data["from"], raw["deadline"]["date"])
        for section in checks.GOALS
        for raw in data.get(section) or []
    )
    version = hashlib.sha256(text.encode()).hexdigest()[:16]
    return Programme(data["id"], data["place"], data["from"], data["to"], data, goals, version, doc.name)


@cache
def shipped() -> dict[str, Programme]:
    """The programmes in force."""
    return read()


def in_force() -> dict[str, Programme]:
    """Those shipped and those confirmed here that the running post may see (row-level security)."""
    from songhe.oversight.programmes.models import Adopted

    rows = Adopted.objects.order_by("pk").values_list("name", "hash")
    return shipped() | {name: _adopted(name, digest) for name, digest in rows}


@lru_cache(maxsize=256)
def _adopted(name: str, digest: str) -> Programme:
    from songhe.oversight.programmes.models import Adopted

    return made(loads(Adopted.objects.get(name=name, hash=digest).text, f"{name}.yaml"))


def named(name: str) -> Programme:
    """One programme; Refusal for an unknown name, never "everything"."""
    found = shipped()
    if name not in found:
        found = in_force()
    try:
        return found[name]
    except KeyError:
        names = "、".join(found)
        raise Refusal(
            "unknown_programme", zh=f"没有名为“{name}”的工程。现有：{names}。",
            en=f'There is no programme "{name}". There are: {names}.', field="programme",
        ) from None  # fmt: skip


_SECTION_KIND = {
    "bodies": "body", "scopes": "scope", "duties": "duty", "standards": "standard", "grants": "grant",
    "consultations": "consultation", "papers": "paper",
}  # fmt: skip


def carriers(programme: Programme) -> list[Carrier]:
    """Every commitment of one programme with what carries it, in the order of the file."""
    found = [_carrier(programme, name, "programme", programme.data) for name in programme.data.get("commitments") or []]
    for goal in programme.goals:
        found += [
            _carrier(programme, name, goal.kind, goal.definition) for name in goal.definition.get("commitments") or []
        ]
    for section, kind in _SECTION_KIND.items():
        for row in programme.data.get(section) or []:
            found += [_carrier(programme, name, kind, row) for name in row.get("commitments") or []]
    return found


def uncommitted(programme: Programme) -> list[Carrier]:
    """Duties, standards and grants that stand under no number of the register: those of a notice a clerk has confirmed."""
    sections = {name: _SECTION_KIND[name] for name in ("duties", "standards", "grants")}
    return [
        _carrier(programme, "", kind, row)
        for section, kind in sections.items()
        for row in programme.data.get(section) or []
        if not row.get("commitments")
    ]


def _carrier(programme: Programme, name: str, kind: str, row: dict) -> Carrier:
    title = row.get("subject") or row.get("title") or row.get("name") or {}
    literal = row.get("literal") or title
    beside = row.get("figure") if kind in ("standard", "grant") else None
    return Carrier(
        name, programme.id, kind, row["id"], title, literal, row.get("note"), interpreted(row), beside, row.get("unit")
    )


def interpreted(row: dict) -> str:
    """What the platform holds the commitment to: ≥2 每乡镇, =12, 2021-04-15."""
    from songhe.oversight.programmes.terms import SIGNS

    sign = SIGNS.get(row.get("operator") or "", "")
    parts = []
    if row.get("each"):
        parts.append(f"{row['each']['level']} {sign}{row['each']['value']:g}")
    if row.get("value") is not None:
        parts.append(f"{sign}{row['value']:g}{(row.get('unit') or {}).get('zh', '')}")
    if row.get("recurs"):
        parts.append(f"/{row['recurs']}")
    if row.get("members"):
        parts.append(f"={row['members']}")
    if row.get("deadline"):
        parts.append(f"≤{row['deadline']['date']}")
    if row.get("closes"):
        parts.append(f"{row['working_days']} → {row['closes']}")
    if row.get("from") and row.get("to"):
        parts.append(f"{row['from']}–{row['to']}")
    return " ".join(parts)


def commitments() -> dict[str, list[Carrier]]:
    """R01–R73, each with every object that carries it; an empty list says that one is missing."""
    found: dict[str, list[Carrier]] = {name: [] for name in REGISTER}
    for programme in shipped().values():
        for carrier in carriers(programme):
            found.setdefault(carrier.commitment, []).append(carrier)
    return found


@cache
def _states() -> Doc:
    doc = checked(folder() / "states" / "goals.yaml", STATES_SCHEMA)
    wrong = []
    for v, version in enumerate(doc.data["versions"]):
        for r, row in enumerate(version["rows"]):
            for name in row.get("when") or {}:
                if name not in rules.CONDITIONS:
                    names = "、".join(rules.CONDITIONS)
                    wrong.append(
                        doc.fault(("versions", v, "rows", r, "when", name), "unknown_name",
                                  f"没有条件“{name}”。可用：{names}。", f'There is no condition "{name}". Use: {names}.')
                    )  # fmt: skip
        if version["rows"][-1].get("when"):
            wrong.append(
                doc.fault(("versions", v, "rows", len(version["rows"]) - 1), "no_last_row",
                          "最后一行不能有条件，否则有的目标没有状态。", "The last row may have no conditions.")
            )  # fmt: skip
    if wrong:
        raise BadDefinition(wrong)
    return doc


def states_on(day: date) -> dict:
    """The version of the table of states in force on a day: {valid_from, soon_days, rows}."""
    versions = sorted(_states().data["versions"], key=lambda v: v["valid_from"])
    in_force = [v for v in versions if v["valid_from"] <= day]
    return (in_force or versions)[-1 if in_force else 0]


def states_source() -> dict:
    """Where the table of states comes from: {title, date, confirmed}."""
    return _states().data["source"]


__all__ = [
    "REGISTER", "BadDefinition", "Carrier", "Goal", "Programme", "carriers", "commitments", "faults", "known", "load", "made",
    "named", "read", "said", "shipped", "states_on", "states_source",
]  # fmt: skip
