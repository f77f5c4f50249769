"""督办单 and 提醒函: a text with named fields, versions kept; a letter filled from one, issued once."""

from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from songhe.care.duties.access import allowed, user_id
from songhe.core import audit
from songhe.core.refusal import Refusal
from songhe.oversight.bulletins import definitions, drafting, queries, rules, templating
from songhe.oversight.bulletins.actions.bulletins import next_serial
from songhe.oversight.bulletins.models import KINDS, Letter, LetterTemplate
from songhe.registry.places.models import Place

FIELDS = templating.LETTER_FIELDS


@transaction.atomic
def put_template(
    *, place: Place, kind: str, title: str, body: str, by, post, note: str = "", now: datetime | None = None
) -> LetterTemplate:
    """A new version of a letter's text; the versions before stay. Refused with a field that no letter has."""
    allowed(post, "bulletins.templates", place)
    _kind(kind)
    if not title.strip() or not body.strip():
        raise Refusal("empty_template", zh="标题和正文都要写。", en="Both title and text are needed.", field="body")
    templating.refuse_unknown(title, FIELDS, field="title")
    templating.refuse_unknown(body, FIELDS, field="body")
    Place.objects.select_for_update().filter(pk=place.pk).first()
    last = LetterTemplate.objects.filter(place=place, kind=kind).order_by("-version").first()
    if last is not None and (last.title, last.body) == (title.strip(), body.strip()):
        raise Refusal(
            "same_template",
            zh="和现在的模板一样，没有改动。",
            en="It is the same as the present template.",
            field="body",
        )
    made = LetterTemplate.objects.create(
        place=place, kind=kind, version=(last.version if last else 0) + 1, title=title.strip(), body=body.strip(),
        note=note.strip()[:200], made_at=now or timezone.now(), made_by=user_id(by),
    )  # fmt: skip
    audit.note("letter.template", "letter_template", made.pk, area_id=place.pk, kind=kind, version=made.version)
    return made


@transaction.atomic
def write_letter(
    *, place: Place, kind: str, fields: dict, by, post, subject: str = "", template: LetterTemplate | None = None,
    answer_by: date | None = None, letter: Letter | None = None, now: datetime | None = None,
) -> Letter:  # fmt: skip
    """Fill a template: a draft letter, or the same draft with other fields. Refused while a field of the text is empty.

    Without `template` the newest of the place stands, else the one shipped.
    """
    allowed(post, "bulletins.draft", place)
    _kind(kind)
    now = now or timezone.now()
    text = template or queries.template_for(place, kind)
    unknown = set(fields) - set(FIELDS)
    if unknown:
        raise Refusal("unknown_field", zh=f"函件里没有“{'、'.join(sorted(unknown))}”这个栏目。", en=f"A letter has no field {', '.join(sorted(unknown))}.")  # fmt: skip
    made = letter or Letter(place=place, kind=kind, made_at=now, made_by=user_id(by))
    if letter is not None:
        made = _open(letter)
    made.word, made.template = _word(place), text if isinstance(text, LetterTemplate) else None
    made.fields, made.subject, made.answer_by = fields, subject[:120], answer_by
    made.title = templating.filled(text.title, fields)[:120]
    made.content = drafting.letter(body=templating.filled(text.body, fields), frame=_frame(made))
    made.digest = queries.digest(made.content)
    made.save()
    audit.note("letter.write", "letter", made.pk, area_id=place.pk, kind=kind)
    return made


@transaction.atomic
def issue_letter(*, letter: Letter, by, post, on: date | None = None) -> Letter:
    """Number and date a letter; afterwards it never changes."""
    allowed(post, "bulletins.issue", letter.place)
    made = _open(letter)
    today = timezone.localdate()
    on = on or today
    if on > today:
        raise Refusal("date_ahead", zh="成文日期不能晚于今天。", en="The date cannot lie ahead of today.", field="on")
    made.year, made.issued_on, made.issued_by, made.state = on.year, on, user_id(by), "issued"
    made.serial = next_serial(Letter, made)
    made.content = made.content | {name: _frame(made)[name] for name in ("number", "draft", "signed")}
    made.digest = queries.digest(made.content)
    made.save()
    audit.note("letter.issue", "letter", made.pk, area_id=made.place_id, number=made.number, digest=made.digest)
    return made


def _frame(made: Letter) -> dict:
    organ, mark = _organ(made.place)
    return {
        "mark": mark,
        "number": made.number,
        "draft": "" if made.number else "（草稿，未编号）",
        "title": made.title,
        "demo": "（演示数据，不作公文使用）" if queries.has_demo(made.place) else "",
        "signed": {"organ": organ, "date": rules.day(made.issued_on) if made.issued_on else ""},
        "edition": {},
        "site": settings.SITE_ADDRESS,
        "made_at": timezone.localtime(made.made_at).isoformat(timespec="seconds"),
    }


def _organ(place: Place) -> tuple[str, str]:
    """Who signs and what stands on top: those of the place's bulletin layout, else the place's own name."""
    layout = next((one for one in definitions.shipped().values() if one.place == place.code), None)
    return (layout.organ, layout.mark) if layout else (str(place), str(place))


def _word(place: Place) -> str:
    """The letters' own word, so that their numbers do not run into those of the bulletins."""
    layout = next((one for one in definitions.shipped().values() if one.place == place.code), None)
    return (layout.word.removesuffix("通报") if layout else str(place)[:6]) + "督"


def _kind(kind: str) -> None:
    if kind not in dict(KINDS):
        raise Refusal(
            "letter_kind", zh=f"没有“{kind}”这种函件。", en=f"There is no letter of kind “{kind}”.", field="kind"
        )


def _open(letter: Letter) -> Letter:
    made = Letter.objects.select_for_update(of=("self",)).select_related("place").get(pk=letter.pk)
    if made.state == "issued":
        raise Refusal("issued", zh=f"{made.number}已发出，不能再改。请另写一份。", en=f"{made.number} has been sent and cannot change. Write another.")  # fmt: skip
    return made
