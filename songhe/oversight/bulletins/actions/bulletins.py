"""A bulletin: drafted from the frozen month, worded by staff, issued once; put right only by another one."""

from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from songhe.care.duties.access import allowed, user_id
from songhe.core import audit
from songhe.core.periods import Period
from songhe.core.refusal import Refusal
from songhe.insight.indicators import definitions as indicators
from songhe.oversight.bulletins import definitions, drafting, queries, rules
from songhe.oversight.bulletins.models import Bulletin
from songhe.registry.places.models import Place
from songhe.registry.places.queries import by_code

WORDS = ("title", "to", "opening", "problems", "next", "copies")  # what staff may write; figures are not among them


@transaction.atomic
def draft(
    *, programme: str, period: Period, by, post, place: Place | None = None, now: datetime | None = None
) -> Bulletin:
    """The bulletin of a programme and month, drafted from the frozen rows; drafted again it takes in new revisions only.

    `place` defaults to the programme's own. One that has been issued comes back untouched. Refused before the programme began
    and while the month is not frozen.
    """
    layout = definitions.named(programme)
    place = place or by_code(layout.place)
    allowed(post, "bulletins.draft", place)
    now = now or timezone.now()
    if period.end < layout.begins:
        raise Refusal(
            "before_programme",
            zh=f"{layout.title['zh']}自{rules.day(layout.begins)}开始，{period.label('zh')}没有通报。请换一个月份。",
            en=f"{layout.title['en']} begins on {layout.begins}; there is no bulletin for {period.code}. Choose another month.",
            field="month",
        )
    found = Bulletin.objects.select_for_update().filter(programme=programme, place=place, period=period.code, corrects=None).first()  # fmt: skip
    if found is not None and found.state == "issued":
        return found
    made = found or Bulletin(
        programme=programme, place=place, period=period.code, word=layout.word, made_at=now, made_by=user_id(by),
        words={"opening": layout.words["opening"], "next": layout.words.get("next", "")},
    )  # fmt: skip
    _compose(made, layout, period)
    made.save()
    audit.note("bulletin.draft", "bulletin", made.pk, area_id=place.pk, programme=programme, period=period.code,
               figures=made.figures_digest)  # fmt: skip
    return made


def _compose(made: Bulletin, layout, period: Period) -> None:
    """Figures, content and their digests, from the frozen rows and the words."""
    place = made.place
    kept = queries.frozen([place], period, layout.indicators)
    if not kept:
        raise Refusal(
            "not_frozen",
            zh=f"{period.label('zh')}的指标还没有封存。请先月末封存，再起草通报。",
            en=f"The figures of {period.code} are not frozen yet. Freeze the month first, then draft the bulletin.",
            field="month",
        )
    figures = [queries.figure(row, place, period) for name in layout.indicators if (row := kept.get((name, place.pk)))]
    made.figures = figures
    targets = [
        {k: v for k, v in one.items() if k != "revision"} for one in queries.targets(made.programme, place, period)
    ]
    made.figures_digest = queries.digest([figures, targets])
    made.title = (made.words.get("title") or _title(made, layout, period))[:120]
    made.content = drafting.compose(
        layout=layout, figures=figures, before=_before(place, period, layout), table=_table(place, period, layout),
        revisions=[f | {"revision": queries.revision(kept[f["indicator"], place.pk])} for f in figures
                   if queries.revision(kept[f["indicator"], place.pk])],
        targets=queries.targets(made.programme, place, period), words=made.words, frame=_frame(made, layout), notes=_notes(layout), titles=_titles(layout),
    )  # fmt: skip
    made.digest = queries.digest(made.content)


def _title(made: Bulletin, layout, period: Period) -> str:
    subject = f"{layout.title['zh']}{period.label('zh')}进展情况"
    if made.corrects is not None:
        return f"关于更正{subject}通报（{made.corrects.number}）的通报"
    return f"关于{subject}的通报"


def _before(place: Place, period: Period, layout) -> dict[str, float | None]:
    """The values frozen for the month before: as they stood then."""
    earlier = period.previous()
    kept = queries.frozen([place], earlier, layout.indicators)
    return {name: queries.figure(row, place, earlier)["value"] for (name, _pk), row in kept.items()}


def _table(place: Place, period: Period, layout) -> list[dict]:
    places = {p.pk: p for p in queries.below(place, layout.table, period.end) if p.pk != place.pk}
    kept = queries.frozen(list(places.values()), period, layout.indicators)
    return [
        queries.figure(kept[name, pk], one, period)
        for pk, one in places.items()
        for name in layout.indicators
        if (name, pk) in kept
    ]


def _titles(layout) -> dict[str, str]:
    return {name: indicators.named(name).title["zh"] for name in layout.indicators}


def _notes(layout) -> dict[str, str]:
    """A sentence for each indicator: what is divided by what, and by which paper."""
    out = {}
    for name in layout.indicators:
        one = indicators.named(name)
        source = " ".join(filter(None, [one.source["title"], one.source.get("number"), one.source.get("clause")]))
        out[name] = f"{one.numerator['zh']}÷{one.denominator['zh']}。依据：{source}。"
    return out


def _frame(made: Bulletin, layout) -> dict:
    on = rules.day(made.issued_on) if made.issued_on else ""
    words = made.words
    return {
        "mark": layout.mark,
        "number": made.number,
        "draft": "" if made.number else "（草稿，未编号）",
        "title": made.title,
        "to": words.get("to") or layout.to,
        "demo": "（演示数据，不作公文使用）" if queries.has_demo(made.place) else "",
        "signed": {"organ": layout.organ, "date": on},
        "edition": {
            "copies": words.get("copies") or layout.copies,
            "printed_by": layout.printed_by,
            "printed_on": f"{on}印发" if on else "",
        },
        "site": settings.SITE_ADDRESS,
        "made_at": timezone.localtime(made.made_at).isoformat(timespec="seconds"),
    }


@transaction.atomic
def write(*, bulletin: Bulletin, words: dict, by, post) -> Bulletin:
    """Put the staff's own words around the figures: title, to, opening, problems, next, copies. Figures cannot be typed."""
    made = _open(bulletin, post, "bulletins.draft")
    unknown = set(words) - set(WORDS)
    if unknown:
        raise Refusal("unknown_words", zh=f"通报里没有“{'、'.join(sorted(unknown))}”这一栏，数字也不能手填。",
                      en=f"A bulletin has no field {', '.join(sorted(unknown))}; figures are not typed either.")  # fmt: skip
    made.words = made.words | {name: str(text).strip() for name, text in words.items()}
    _compose(made, definitions.named(made.programme), queries.month(made.period))
    made.save()
    audit.note("bulletin.write", "bulletin", made.pk, area_id=made.place_id, words=sorted(words), by=user_id(by))
    return made


@transaction.atomic
def issue(*, bulletin: Bulletin, by, post, on: date | None = None, now: datetime | None = None) -> Bulletin:
    """Number and date it: from now on it never changes. The serial is the next of its word and year at its place."""
    made = _open(bulletin, post, "bulletins.issue")
    today = timezone.localdate(now or timezone.now())
    on = on or today
    period = queries.month(made.period)
    if on > today:
        raise Refusal("date_ahead", zh="成文日期不能晚于今天。", en="The date cannot lie ahead of today.", field="on")
    if on <= period.end:
        raise Refusal(
            "date_too_early",
            zh=f"成文日期应在{rules.day(period.end)}之后：那个月还没有结束。",
            en=f"The date must be after {period.end}: the month was not over.",
            field="on",
        )
    _compose(made, definitions.named(made.programme), period)  # the last revisions, before it closes
    made.year = on.year
    made.serial = next_serial(Bulletin, made)
    made.issued_on, made.issued_by, made.state = on, user_id(by), "issued"
    made.content = made.content | _stamped(made)
    made.digest = queries.digest(made.content)
    made.save()
    audit.note("bulletin.issue", "bulletin", made.pk, area_id=made.place_id, number=made.number, digest=made.digest)
    return made


def _stamped(made: Bulletin) -> dict:
    frame = _frame(made, definitions.named(made.programme))
    return {name: frame[name] for name in ("number", "draft", "signed", "edition")}


def next_serial(model, made) -> int:
    """The next serial of a word and year at a place; whoever asks holds the place's row until the end."""
    Place.objects.select_for_update().filter(pk=made.place_id).first()
    used = model.objects.filter(place=made.place_id, word=made.word, year=made.year).aggregate(last=Max("serial"))
    return (used["last"] or 0) + 1


@transaction.atomic
def correct(*, bulletin: Bulletin, reason: str, by, post, now: datetime | None = None) -> Bulletin:
    """Draft a new bulletin that names the issued one and says why; the old one stays as it was printed."""
    allowed(post, "bulletins.draft", bulletin.place)
    if bulletin.state != "issued":
        raise Refusal(
            "not_issued", zh="草稿直接修改即可，不用更正。", en="A draft is simply changed; it needs no correction."
        )
    if not reason.strip():
        raise Refusal("no_reason", zh="更正须写明理由。", en="A correction needs a reason.", field="reason")
    if Bulletin.objects.filter(corrects=bulletin, state="draft").exists():
        raise Refusal("correction_open", zh="这份通报已有一份更正在起草。请在那份上修改。",
                      en="A correction of this bulletin is being drafted already. Change that one.")  # fmt: skip
    layout = definitions.named(bulletin.programme)
    opening = f"《{bulletin.title}》（{bulletin.number}）有关内容更正如下，以本通报为准，其余内容不变。更正原因：{reason.strip()}。"
    made = Bulletin(
        programme=bulletin.programme, place=bulletin.place, period=bulletin.period, word=bulletin.word,
        made_at=now or timezone.now(), made_by=user_id(by), corrects=bulletin, reason=reason.strip()[:200],
        words={"opening": opening, "next": ""},
    )  # fmt: skip
    _compose(made, layout, queries.month(bulletin.period))
    made.save()
    audit.note("bulletin.correct", "bulletin", made.pk, area_id=made.place_id, of=bulletin.pk)
    return made


def _open(bulletin: Bulletin, post, permission: str) -> Bulletin:
    """The row, locked, while it is still a draft."""
    allowed(post, permission, bulletin.place)
    made = Bulletin.objects.select_for_update(of=("self",)).select_related("place", "corrects").get(pk=bulletin.pk)
    if made.state == "issued":
        raise Refusal(
            "issued",
            zh=f"{made.number}已印发，不能再改。需要更正时，请另发一份更正通报。",
            en=f"{made.number} has been issued and cannot change. To put it right, issue a correction.",
        )
    return made
