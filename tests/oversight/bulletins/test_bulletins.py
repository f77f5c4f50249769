"""A bulletin: the frozen month in words. Drafted, worded, issued, corrected; each refused where a rule says no."""

import json
from datetime import date, datetime

import pytest
from django.db import IntegrityError, connection, transaction

from songhe.care.visits.rules import ZONE
from songhe.core import periods
from songhe.core.acting import acting, everywhere
from songhe.core.models import AuditEvent
from songhe.core.refusal import Refusal
from songhe.oversight.bulletins import actions, documents, queries
from songhe.oversight.bulletins.models import Bulletin
from songhe.registry.accounts.access import Denied, acting_as
from tests.oversight.bulletins.bureau import MONTH, PROGRAMME


def visiting(made) -> dict:
    return next(one for one in made.figures if one["indicator"] == "weekly_visiting")


def said(made) -> str:
    """Everything the document says, in one text."""
    parts = []
    for block in made.content["blocks"]:
        parts.append(block.get("text", ""))
        parts += [run for run in block.get("runs", []) if isinstance(run, str)]
    return "".join(parts)


def audited(verb):
    with acting([], sees_audit="yes"):
        return AuditEvent.objects.filter(verb=verb).count()


def test_it_is_drafted_from_the_frozen_rows(bureau):
    made = bureau.draft()
    assert (visiting(made)["numerator"], visiting(made)["denominator"]) == (1, 8)
    assert "特殊困难老年人探访关爱率12.5%（1/8）" in said(made)
    assert made.state == "draft"
    assert made.number == ""
    assert audited("bulletin.draft") == 1


def test_every_figure_carries_its_definition_its_time_and_the_address_of_its_rows(bureau):
    made = bureau.draft()
    notes = {note["n"]: note for note in made.content["annex"]["notes"]}
    for block in made.content["blocks"]:
        runs = block.get("runs", [])
        for at, run in enumerate(runs):
            if isinstance(run, str) and "（" in run and "/" in run and "率" in run:
                assert isinstance(runs[at + 1], dict), f"no note behind {run}"
    note = notes[1]
    assert "÷" in note["text"]
    assert "截至2026年11月1日08:00封存" in note["text"]
    assert note["url"] == f"/indicators/weekly_visiting/all/?area={bureau.place.code}&period=2026-10"
    table = next(block for block in made.content["blocks"] if block["kind"] == "table")
    assert all(cell["url"] for row in table["rows"] for cell in row[1:] if cell != "未报")


def test_drafted_twice_is_one_bulletin_with_the_same_digests(bureau):
    first = bureau.draft()
    second = bureau.draft(now=datetime(2027, 11, 1, 8, tzinfo=ZONE))
    assert (second.pk, second.digest, second.figures_digest) == (first.pk, first.digest, first.figures_digest)
    assert documents.docx(first.content) == documents.docx(second.content)


def test_a_late_entry_changes_the_revision_and_not_the_frozen_figure(bureau):
    first = bureau.draft()
    bureau.late_entry()
    assert bureau.draft().figures_digest == first.figures_digest
    assert bureau.recount() == {"indicators": 3, "own": 1, "targets": 0}  # the county, the town, the village
    again = bureau.draft()
    assert again.figures_digest == first.figures_digest
    beside = next(one for one in queries.beside(again) if one["indicator"] == "weekly_visiting")
    assert (beside["numerator"], beside["revision"]["numerator"]) == (1, 2)
    assert "封存数12.5%（1/8）" in said(again)
    assert "重新计数为25.0%（2/8），原因：纸单补录。封存数不改。" in said(again)


def test_counting_again_without_a_difference_adds_nothing(bureau):
    assert bureau.recount() == {"indicators": 0, "own": 0, "targets": 0}
    with pytest.raises(Refusal) as no:
        bureau.recount(reason=" ")
    assert no.value.code == "no_reason"


def test_the_month_has_to_be_frozen_and_within_the_programme(bureau):
    for month, code in (("2026-09", "not_frozen"), ("2023-07", "before_programme")):
        with pytest.raises(Refusal) as no:
            actions.draft(programme=PROGRAMME, period=periods.parse(month), by=0, post=None, place=bureau.place)
        assert no.value.code == code
    with pytest.raises(Refusal) as no:
        actions.draft(programme="atlantis-2023", period=MONTH, by=0, post=None, place=bureau.place)
    assert "dingzhou-2023" in no.value.zh
    assert not Bulletin.objects.exists()


def test_words_are_the_staffs_and_figures_are_not(bureau):
    made = bureau.draft()
    made = actions.write(
        bulletin=made, words={"problems": "个别村帮扶人员更换后未及时交接。\n补录偏晚。"}, by=0, post=None
    )
    assert "存在的问题" in said(made)
    assert "补录偏晚。" in said(made)
    with pytest.raises(Refusal) as no:
        actions.write(bulletin=made, words={"figures": "100%"}, by=0, post=None)
    assert no.value.code == "unknown_words"
    assert Bulletin.objects.get(pk=made.pk).digest == made.digest


def test_issued_it_is_numbered_dated_and_closed(bureau):
    made = bureau.issue(bureau.draft())
    assert made.number == "定民通报〔2026〕1号"
    assert made.content["number"] == made.number
    assert made.content["signed"]["date"] == "2026年11月1日"
    assert audited("bulletin.issue") == 1
    for late in (
        lambda: actions.write(bulletin=made, words={"next": "x"}, by=0, post=None),
        lambda: actions.issue(bulletin=made, by=0, post=None),
    ):
        with pytest.raises(Refusal) as no:
            late()
        assert no.value.code == "issued"
    with pytest.raises(IntegrityError), transaction.atomic():
        Bulletin.objects.filter(pk=made.pk).update(title="别的")
    with pytest.raises(IntegrityError), transaction.atomic():
        Bulletin.objects.filter(pk=made.pk).delete()


def test_an_issued_one_prints_the_same_next_year(bureau):
    made = bureau.issue(bureau.draft())
    bureau.late_entry()
    bureau.recount()
    later = bureau.draft(now=datetime(2027, 12, 1, 8, tzinfo=ZONE))
    assert later.pk == made.pk
    assert later.digest == made.digest == queries.digest(later.content)
    assert documents.docx(later.content) == documents.docx(made.content)
    assert queries.beside(later)[0]["revision"]["numerator"] == 2


@pytest.mark.parametrize(("on", "code"), [(date(2026, 10, 31), "date_too_early"), (date(2026, 11, 2), "date_ahead")])
def test_a_date_before_the_months_end_or_ahead_of_today_is_refused(bureau, on, code):
    made = bureau.draft()
    with pytest.raises(Refusal) as no:
        bureau.issue(made, on=on)
    assert no.value.code == code
    assert Bulletin.objects.get(pk=made.pk).state == "draft"


def test_a_correction_is_a_new_bulletin_that_names_the_old(bureau):
    made = bureau.draft()
    with pytest.raises(Refusal):
        actions.correct(bulletin=made, reason="数有误", by=0, post=None)
    made = bureau.issue(made)
    with pytest.raises(Refusal):
        actions.correct(bulletin=made, reason=" ", by=0, post=None)
    bureau.late_entry()
    bureau.recount()
    new = actions.correct(bulletin=made, reason="漏录纸单", by=0, post=None)
    assert "定民通报〔2026〕1号" in new.title
    assert "漏录纸单" in said(new)
    assert "重新计数为25.0%（2/8）" in said(new)
    with pytest.raises(Refusal) as no:
        actions.correct(bulletin=made, reason="又一次", by=0, post=None)
    assert no.value.code == "correction_open"
    new = bureau.issue(new)
    assert new.number == "定民通报〔2026〕2号"
    assert Bulletin.objects.get(pk=made.pk).digest == made.digest


def test_half_failed_nothing_stays(bureau, monkeypatch):
    made = bureau.draft()

    def broken(*_args, **_kwargs):
        raise RuntimeError("the audit is full")

    monkeypatch.setattr("songhe.core.audit.note", broken)
    with pytest.raises(RuntimeError), transaction.atomic():
        bureau.issue(made)
    kept = Bulletin.objects.get(pk=made.pk)
    assert (kept.state, kept.serial) == ("draft", None)


def test_who_may(bureau):
    with acting_as(bureau.clerk):
        made = actions.draft(
            programme=PROGRAMME, period=MONTH, by=bureau.clerk.user, post=bureau.clerk, place=bureau.place
        )
        with pytest.raises(Denied):
            actions.issue(bulletin=made, by=bureau.clerk.user, post=bureau.clerk)
    with acting_as(bureau.town), pytest.raises(Denied):
        actions.draft(programme=PROGRAMME, period=MONTH, by=bureau.town.user, post=bureau.town, place=bureau.place)
    stranger = bureau.county.post("clerk", bureau.county.towns[0])
    with acting_as(stranger), pytest.raises(Refusal) as no:
        actions.draft(programme=PROGRAMME, period=MONTH, by=stranger.user, post=stranger, place=bureau.place)
    assert no.value.code == "place_outside_area"


def test_those_below_read_what_has_been_issued_and_no_draft(bureau):
    made = bureau.draft()
    other = bureau.county.post("clerk", bureau.county.city)
    with acting_as(bureau.town):
        assert queries.bulletin(post=bureau.town, pk=made.pk) is None
        assert not Bulletin.objects.exists()  # row-level security says it a second time
    with acting_as(other):
        assert queries.bulletin(post=other, pk=made.pk) is not None
    with everywhere():
        bureau.issue(made)
    with acting_as(bureau.town):
        assert queries.bulletin(post=bureau.town, pk=made.pk).number
        with connection.cursor() as cursor:  # reading from above is not writing above
            cursor.execute("UPDATE bulletins_bulletin SET title = 'x' WHERE id = %s", [made.pk])
            assert cursor.rowcount == 0


def test_a_state_is_neither_counted_again_nor_frozen_long_after(bureau):
    from songhe.insight.indicators import actions as indicators
    from songhe.insight.indicators.models import Frozen

    helper = Frozen.objects.get(indicator="helper_named", place=bureau.place, period="2026-10")
    with pytest.raises(Refusal) as no:
        indicators.revise(frozen=helper, reason="再数", by=None)
    assert no.value.code == "state_not_recounted"
    indicators.freeze(place=bureau.place, period=periods.parse("2026-09"), by=None)
    names = set(Frozen.objects.filter(place=bureau.place, period="2026-09").values_list("indicator", flat=True))
    assert "weekly_visiting" in names
    assert "helper_named" not in names
    made = actions.draft(programme=PROGRAMME, period=periods.parse("2026-09"), by=0, post=None, place=bureau.place)
    assert "明确专人帮扶率本月未封存，未报。" in said(made)


def test_the_content_is_plain_json(bureau):
    made = bureau.draft()
    assert json.loads(json.dumps(made.content)) == made.content
