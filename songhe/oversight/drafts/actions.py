"""Verbs: drop a notice in, rule on a line, answer a warning, confirm or give up a draft. One transaction, one audit row each."""

import hashlib
import re
from datetime import date
from io import BytesIO
from pathlib import PurePath
from uuid import uuid4

from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from songhe.core import audit
from songhe.core.refusal import Refusal
from songhe.insight.reading import ReadingError, read
from songhe.oversight.drafts import queries, rules
from songhe.oversight.drafts.models import NoticeDraft, Ruling
from songhe.oversight.programmes import actions as programmes
from songhe.registry.accounts.access import require
from songhe.registry.people.standing import scope_of
from songhe.registry.places.models import Place

PERMISSION = "programmes.draft"
_SLUG = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


@transaction.atomic
def drop_in(*, content: bytes, name: str, by, post, on: date | None = None) -> NoticeDraft:
    """Read a notice and keep it with what was read. Raises Refusal when it cannot be read; nothing is kept then.

    content: the bytes of a .txt, .html, .docx or .pdf, or pasted text in UTF-8. The same file again opens a new draft.
    """
    require(post, PERMISSION)
    try:
        reading = read(content, name=name, on=on, places=_places(post))
    except ReadingError as problem:
        raise Refusal("unreadable_notice", zh=problem.zh, en=problem.en, field="file") from None
    stored = default_storage.save(f"notices/{uuid4().hex}{PurePath(name).suffix[:8]}", File(BytesIO(content)))
    draft = NoticeDraft.objects.create(
        title=reading["title"][:300] or name[:300], file_name=name[:200], sha256=hashlib.sha256(content).hexdigest(),
        stored_as=stored, reading=reading, made_by=by.pk, **scope_of(post.place),
    )  # fmt: skip
    audit.note(
        "drafts.drop_in", "notice_draft", draft.pk, items=len(reading["items"]), warnings=len(reading["warnings"])
    )
    return draft


@transaction.atomic
def rule_on(
    *, draft: NoticeDraft, about: str, what: str, by, post, said: dict[str, str] | None = None, into: str = ""
) -> Ruling:
    """Accept, correct (`said`: the form's fields as text), merge (`into`: another item) or reject one item. Raises Refusal."""
    row = _open(draft, post)
    item = next((item for item in row.reading["items"] if item["id"] == about), None)
    if item is None or what not in ("accept", "correct", "merge", "reject"):
        raise _no_such(about)
    changes = {}
    if what == "correct":
        try:
            changes = rules.changes(item, said or {})
        except rules.Unreadable as problem:
            raise Refusal("unreadable_correction", zh=problem.zh, en=problem.en, field=problem.field) from None
        what = "correct" if changes else "accept"
    if what == "merge" and (into == about or into not in {other["id"] for other in row.reading["items"]}):
        raise Refusal(
            "no_merge_target", zh="请选择并入哪一条。", en="Choose the line to merge into.", field="into",
        )  # fmt: skip
    return _ruled(row, by, about=about, what=what, changes=changes, into=into if what == "merge" else "")


@transaction.atomic
def accept_sure(*, draft: NoticeDraft, by, post) -> int:
    """Take over, in one go, every line the reader is sure of and nobody has ruled on. Returns how many."""
    row = _open(draft, post)
    about = queries.sure_and_open(row, queries.rulings_of(row))
    Ruling.objects.bulk_create(
        [Ruling(draft=row, about=each, what="accept", by=by.pk, **_areas(row)) for each in about]
    )
    audit.note("drafts.accept_sure", "notice_draft", row.pk, lines=len(about))
    return len(about)


@transaction.atomic
def answer(*, draft: NoticeDraft, about: str, words: str, by, post) -> Ruling:
    """Answer a warning in words. Raises Refusal when nothing is said."""
    row = _open(draft, post)
    if about not in {warning["id"] for warning in row.reading["warnings"]}:
        raise _no_such(about)
    if not words.strip():
        raise Refusal(
            "answer_missing",
            zh="请写明怎样认定，例如“按原件，为 2021 年 3 月”。",
            en="Say how it is to be taken, for example “as in the original: March 2021”.",
            field="words",
        )
    return _ruled(row, by, about=about, what="answer", words=words.strip()[:1000])


@transaction.atomic
def confirm(*, draft: NoticeDraft, programme: str, by, post) -> NoticeDraft:
    """Make the draft a programme that runs. Raises Refusal while a line or warning is open, or the definition is not sound."""
    row = _open(draft, post)
    if not _SLUG.fullmatch(programme) or not 2 <= len(programme) <= 40:
        raise Refusal(
            "bad_programme_id",
            zh="方案编号以小写字母开头，只用小写字母、数字和短横，不超过 40 字，例如 dingzhou-2023。",
            en="A programme id begins with a letter and has small letters, digits and hyphens, at most 40, such as dingzhou-2023.",
            field="programme",
        )
    lines, warnings = queries.open_questions(row, queries.rulings_of(row))
    if lines or warnings:
        raise Refusal(
            "draft_still_open",
            zh=f"还有 {lines} 条没有处理、{warnings} 条提醒没有答复，不能确认。请逐条处理。",
            en=f"{lines} lines and {warnings} warnings have no answer yet. Rule on each of them first.",
        )
    try:
        row.definition = queries.as_definition(row, programme)
    except ReadingError as problem:
        raise Refusal("nothing_accepted", zh=problem.zh, en=problem.en) from None
    text = queries.as_programme(row, place=post.place, on=timezone.localdate(row.made_at))
    row.programme, row.state, row.closed_by, row.closed_at = programme, "confirmed", by.pk, timezone.now()
    row.save()
    programmes.adopt(text=text, place=post.place, by=by, post=post)
    audit.note("drafts.confirm", "notice_draft", row.pk, programme=programme)
    return row


@transaction.atomic
def give_up(*, draft: NoticeDraft, by, post) -> NoticeDraft:
    """Close a draft that will not become a programme; it stays readable."""
    row = _open(draft, post)
    row.state, row.closed_by, row.closed_at = "dropped", by.pk, timezone.now()
    row.save(update_fields=["state", "closed_by", "closed_at"])
    audit.note("drafts.give_up", "notice_draft", row.pk)
    return row


def _ruled(row: NoticeDraft, by, **fields) -> Ruling:
    made = Ruling.objects.create(draft=row, by=by.pk, **fields, **_areas(row))
    audit.note("drafts.rule", "notice_draft", row.pk, about=made.about, what=made.what)
    return made


def _areas(row: NoticeDraft) -> dict[str, int | None]:
    return {name: getattr(row, name) for name in ("village_id", "town_id", "county_id", "city_id")}


def _open(draft: NoticeDraft, post) -> NoticeDraft:
    require(post, PERMISSION)
    row = NoticeDraft.objects.visible_to(post).select_for_update().filter(pk=draft.pk).first()
    if row is None:
        raise _no_such(str(draft.pk))
    if row.state != "open":
        raise Refusal(
            "draft_closed",
            zh="这份草稿已经确认或放弃，不能再改。需要改动时请重新导入通知。",
            en="This draft was confirmed or given up and cannot change. Drop the notice in again to change it.",
        )
    return row


def _no_such(about: str) -> Refusal:
    return Refusal(
        "no_such_line",
        zh=f"这份草稿里没有“{about}”。请刷新页面再试。",
        en=f"There is no “{about}” in this draft. Reload the page and try again.",
    )


def _places(post) -> list[str]:
    """Names of the townships in the post's area: a notice's rows go by them."""
    return list(Place.objects.visible_to(post).filter(level="township").values_list("name", flat=True))
