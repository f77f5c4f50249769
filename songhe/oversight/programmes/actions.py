"""Verbs of programmes: write down a figure with its evidence, correct one by a new row, keep a ceiling, check a draft."""

import hashlib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.core.files.base import File
from django.db import transaction
from django.utils import timezone

from songhe.core import audit
from songhe.core.refusal import Refusal
from songhe.core.yamldoc import BadDefinition, Fault, loads
from songhe.oversight.programmes import definitions, drafts, queries
from songhe.oversight.programmes.definitions import Goal, Programme, entered
from songhe.oversight.programmes.models import Adopted, Entry
from songhe.registry.people.standing import allow, inside, outside_area, scope_of
from songhe.registry.places.models import Place
from songhe.registry.places.queries import by_code

FILE_KINDS = (".pdf", ".jpg", ".jpeg", ".png", ".docx", ".xlsx")
FILE_BYTES = 5 * 1024 * 1024


@transaction.atomic
def enter_figure(
    *, programme: str, goal: str, place: Place, value: Decimal | int, as_of: date, evidence: str, by, post,
    base: Decimal | int | None = None, file: File | None = None, note: str = "", origin: str = "entered",
) -> Entry:  # fmt: skip
    """Write down one figure of a goal that nothing else can know, for the place that reports it.

    Raises Refusal: a counted goal, a place that does not report, a day ahead, no evidence, a rate without its denominator, a
    ceiling passed; Denied without programmes.enter.
    """
    user = allow(by, post, "programmes.enter")
    found = definitions.named(programme)
    wanted = found.goal(goal)
    if post is not None and not inside(post, place):
        raise outside_area(place)
    _refuse_source(wanted)
    _refuse_place(found, wanted, place)
    row = _entry(wanted, place, value, base, as_of, evidence, note)
    row.by, row.origin = user, origin
    if wanted.operator == "<=":
        check_ceiling(programme=programme, goal=goal, place=place, on=as_of, already=0, adding=int(value))
    _attach(row, file)
    row.save()
    audit.note(
        "programmes.enter_figure",
        "entry",
        row.pk,
        area_id=place.pk,
        programme=programme,
        goal=goal,
        as_of=as_of.isoformat(),
    )
    return row


@transaction.atomic
def correct_figure(
    *, entry: Entry, value: Decimal | int, reason: str, by, post, base: Decimal | int | None = None, evidence: str = "",
    as_of: date | None = None,
) -> Entry:  # fmt: skip
    """A new row takes the place of a wrong one, which stays and is shown struck out. Refused without a reason or twice."""
    user = allow(by, post, "programmes.enter")
    if post is not None and not inside(post, entry.place):
        raise outside_area(entry.place)
    if not reason.strip():
        raise Refusal("no_reason", zh="更正须写明理由。", en="A correction needs a reason.", field="reason")
    if entry.corrections.exists():
        raise Refusal(
            "corrected_already",
            zh="这一条已经更正过。请更正最新的一条。",
            en="This row is corrected already. Correct the latest one.",
        )
    wanted = definitions.named(entry.programme).goal(entry.goal)
    day, said = as_of or entry.as_of, evidence or entry.evidence
    row = _entry(wanted, entry.place, value, base if base is not None else entry.base, day, said, entry.note)
    row.by, row.origin, row.corrects, row.reason = user, entry.origin, entry, reason.strip()[:200]
    if wanted.operator == "<=":
        check_ceiling(
            programme=entry.programme, goal=entry.goal, place=entry.place, on=day, already=0, adding=int(value)
        )
    row.save()
    audit.note("programmes.correct_figure", "entry", row.pk, area_id=entry.place_id, of=entry.pk, reason=row.reason)
    return row


def check_ceiling(
    *, programme: str, goal: str, place: Place, on: date | None, already: int, adding: int = 1, field: str = "value"
) -> None:
    """Refuses what would pass a ceiling: `already` in the period and `adding` more. The refusal carries the clause.

    The one place where a number set by a paper is kept: entered figures and nominations for an award both come here (R65:
    the sixth exemplar of a township in a month). Nothing is refused outside the programme's own days; without a day (an
    award that goes on after its programme) the number stands.
    """
    found = definitions.named(programme)
    wanted = found.goal(goal)
    if not definitions.limits(wanted):
        raise ValueError(f"{goal} is no ceiling")
    if on is not None and not wanted.start <= on <= wanted.deadline:
        return
    most = definitions.most(wanted)
    if most is None or already + adding <= most:
        return
    source = found.data["source"]
    paper = source.get("number") or source["date"]
    zh, en = wanted.definition["literal"]["zh"], wanted.definition["literal"]["en"]
    commitment = "、".join(wanted.definition.get("commitments") or [])
    raise Refusal(
        "ceiling",
        zh=f"不能再加：“{place}”{_period_zh(wanted)}已有 {already} {_unit(wanted, 'zh')}，再加 {adding} 就超过上限 {most:g}。"
        f"依据：《{source['title']}》（{paper}，{commitment}）：{zh}请改报下一期，或先撤下一名。",
        en=f'No more can be added: "{place}" has {already} {_unit(wanted, "en")} {_period_en(wanted)}, and {adding} more would '
        f"pass the ceiling of {most:g}. Source: {source['title']} ({paper}, {commitment}): {en} Wait for the next period, or "
        "take one off.",
        field=field,
    )


def _period_zh(goal: Goal) -> str:
    return {"week": "本周", "month": "本月", "quarter": "本季度", "half": "本半年", "year": "本年"}.get(goal.recurs, "")


def _period_en(goal: Goal) -> str:
    return f"this {goal.recurs}" if goal.recurs else ""


def _unit(goal: Goal, lang: str) -> str:
    return (goal.definition.get("unit") or {}).get(lang, "")


def _refuse_source(goal: Goal) -> None:
    if entered(goal):
        return
    raise Refusal(
        "counted_goal",
        zh=f"“{goal.definition['subject']['zh']}”由登记的明细计数得出，不能填数。请到相应登记处补录明细。",
        en=f'"{goal.definition["subject"]["en"]}" is counted from rows on record and cannot be typed. Record the rows instead.',
        field="goal",
    )


def reporters(programme: Programme, goal: Goal) -> list[Place]:
    """The places that report an evidenced goal: its sub-areas, or the programme's own place."""
    own = by_code(programme.place)
    return queries.sub_areas(programme, goal, own) or [own]


def _refuse_place(programme: Programme, goal: Goal, place: Place) -> None:
    if queries.reports(programme, goal, place):
        return
    allowed = reporters(programme, goal)
    names = "、".join(str(p) for p in allowed[:6])
    raise Refusal(
        "not_a_reporter",
        zh=f"“{place}”不填报这个目标，合计由系统相加得出。由这些地方填报：{names}{'等' if len(allowed) > 6 else ''}。",
        en=f'"{place}" does not report this goal; totals are added up. It is reported by: {names}{" …" if len(allowed) > 6 else ""}.',
        field="place",
    )


def _entry(goal: Goal, place: Place, value, base, as_of: date, evidence: str, note: str) -> Entry:
    """A row that keeps the rules, not saved yet."""
    if as_of > timezone.localdate():
        raise Refusal(
            "in_the_future", zh=f"{as_of} 还没有到，不能填报。请核对日期。", en=f"{as_of} has not come yet. Check the date.",
            field="as_of",
        )  # fmt: skip
    if len(evidence.strip()) < 2:
        raise Refusal(
            "no_evidence", zh="请写明依据：文件名称和文号、会议纪要、照片批次等。没有依据的数不能填。",
            en="Name the evidence: a paper and its number, minutes, a batch of photographs. No figure without it.",
            field="evidence",
        )  # fmt: skip
    number = Decimal(value)
    if number < 0:
        raise Refusal(
            "negative", zh="数值不能为负。请核对。", en="A figure cannot be negative. Check it.", field="value"
        )
    percent = _unit(goal, "zh") == queries.PERCENT and not goal.each
    if percent and base is None:
        raise Refusal(
            "no_base",
            zh="比率须填分子和分母，如 96 / 98。",
            en="A rate needs both numbers, 96 of 98 for example.",
            field="base",
        )
    if base is not None and (Decimal(base) <= 0 or number > Decimal(base)):
        raise Refusal(
            "base", zh="分母须大于零，分子不能大于分母。请核对。", en="The base must be above zero and not below the figure.",
            field="base",
        )  # fmt: skip
    column = {"village": "village", "township": "town", "county": "county", "city": "city"}.get(place.level)
    scope = {name: getattr(place, f"{name}_id") for name in ("town", "county", "city")} | {"village": None}
    if place.kind == "division" and column:
        scope[column] = place.pk
    return Entry(
        programme=goal.programme, goal=goal.id, place=place, value=number, base=base, as_of=as_of,
        evidence=evidence.strip()[:200], note=note.strip()[:300], **{f"{name}_id": pk for name, pk in scope.items()},
    )  # fmt: skip


def _attach(row: Entry, file: File | None) -> None:
    if file is None:
        return
    name = (file.name or "").lower()
    if not name.endswith(FILE_KINDS) or (file.size or 0) > FILE_BYTES:
        raise Refusal(
            "evidence_file",
            zh=f"附件须为 {'、'.join(FILE_KINDS)}，且不超过 5 MB。请另存后再传。",
            en=f"The file must be one of {', '.join(FILE_KINDS)} and no larger than 5 MB. Save it so and send it again.",
            field="file",
        )
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    row.file_hash = digest.hexdigest()
    row.file.save(f"{row.file_hash[:24]}{name[name.rindex('.') :]}", file, save=False)


@transaction.atomic
def adopt(*, text: str, place: Place, by, post) -> Adopted:
    """Put a programme into force from its YAML text, at a place. Raises Refusal: not sound (the first fault, with its line), name taken."""
    user = allow(by, post, "programmes.draft")
    draft = load_draft(text)
    if draft.problems:
        first = draft.problems[0]
        raise Refusal(
            "programme_not_sound",
            zh=f"方案定义第 {first.line} 行 {first.field}：{first.problem.text('zh')}",
            en=f"Line {first.line} of the definition, {first.field}: {first.problem.text('en')}",
        )
    name = draft.data["id"]
    if name in definitions.shipped() or Adopted.objects.filter(name=name).exists():
        raise Refusal(
            "programme_id_taken",
            zh=f"已有编号为“{name}”的方案。请换一个编号。",
            en=f"There is a programme “{name}” already. Choose another id.",
            field="programme",
        )
    digest = hashlib.sha256(text.encode()).hexdigest()
    row = Adopted.objects.create(name=name, place=place, text=text, hash=digest, by=user, **scope_of(place))
    audit.note("programmes.adopt", "programme", row.pk, name=name)
    return row


@dataclass(frozen=True)
class Draft:
    """A checked text: `problems` in the order of the file (line, field, sentence in both languages); `data` when it was YAML.

    >>> load_draft("id: x").problems[0].line
    1
    """

    problems: tuple[Fault, ...]
    data: dict | None

    @property
    def sound(self) -> bool:
        return not self.problems

    def rows(self, lang: str = "zh") -> list[dict]:
        """Problems for a page or JSON: {line, field, code, text}."""
        return [
            {"line": p.line, "field": p.field, "code": p.problem.code, "text": p.problem.text(lang)}
            for p in self.problems
        ]


def load_draft(text: str, name: str = "draft.yaml") -> Draft:
    """Check a programme's YAML text, finished or a reader's draft (`status: draft`), without keeping anything. Never raises."""
    try:
        doc = loads(text, name)
    except BadDefinition as bad:
        return Draft(bad.faults, None)
    if not isinstance(doc.data, dict):
        return Draft(
            (doc.fault((), "not_a_programme", "这不是一份工程定义：最外层应为“名称: 值”。", "This is no programme: write name: value."),),
            None,
        )  # fmt: skip
    problems = drafts.faults(doc) if doc.data.get("status") == "draft" else definitions.faults(doc)
    return Draft(tuple(problems), doc.data)
