"""Verbs of a round: open it, vote, choose within the limit, publish for working days, hear objections, confirm."""

from collections.abc import Sequence
from datetime import date

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from songhe.core import audit, workdays
from songhe.core.periods import Period, containing
from songhe.core.refusal import Refusal
from songhe.oversight.awards import rules
from songhe.oversight.awards.access import allow, area_of, fresh, place_scope, within
from songhe.oversight.awards.actions.naming import within_limit
from songhe.oversight.awards.definitions import award as award_named
from songhe.oversight.awards.models import Ballot, Nomination, Objection, Round, Vote
from songhe.registry.accounts.models import Post, User
from songhe.registry.places.models import Place


@transaction.atomic
def open_round(
    *,
    award: str,
    place: Place,
    by: User | None,
    post: Post | None,
    period: Period | None = None,
    origin: str = "entered",
) -> Round:
    """A round of an award for a place and period; the limit and its clause are kept as they read today. Raises Refusal."""
    user = allow(by, post, "awards.manage")
    within(post, place)
    chosen = award_named(award)
    if place.level != chosen.level:
        raise Refusal("award_level", zh=f"“{chosen.title['zh']}”按{_LEVEL[chosen.level]}评选，“{place}”不是这一级。", en=f"“{chosen.title['en']}” is given at the level {chosen.level}.", field="place")  # fmt: skip
    period = period or containing(chosen.period, timezone.localdate())  # type: ignore[arg-type]
    if period.kind != chosen.period or not chosen.valid_from <= period.end or (chosen.valid_to and chosen.valid_to <= period.start):  # fmt: skip
        raise Refusal("award_period", zh=f"“{chosen.title['zh']}”在 {period.label('zh')} 没有这一期评选。", en=f"“{chosen.title['en']}” has no round for {period.label('en')}.", field="period")  # fmt: skip
    if Round.objects.filter(award=award, place=place, period=period.code).exists():
        raise Refusal("round_twice", zh=f"{place} {period.label('zh')} 的这项评选已经开始。", en=f"This round of {place} for {period.label('en')} is open already.", field="award")  # fmt: skip
    made = Round.objects.create(
        award=award, version=chosen.version, commitment=chosen.commitment, title=chosen.title["zh"],
        title_en=chosen.title["en"], source=chosen.source | {"clause": chosen.clause}, period=period.code,
        operator=chosen.limit.operator, limit=chosen.limit.count, counts=chosen.limit.counts, place=place, by=user,
        publicity_days=chosen.publicity_working_days, origin=origin, **place_scope(place),
    )  # fmt: skip
    audit.note("awards.open", "award_round", made.pk, area_id=area_of(made), award=award, period=period.code)
    return made


_LEVEL = {"city": "市", "county": "县（市、区）", "township": "乡镇（街道）", "village": "村（社区）"}


def _at(row: Round, stage: str) -> None:
    if row.stage != stage:
        raise Refusal("other_stage", zh=f"这一轮现在是“{row.get_stage_display()}”，不能这样办理。", en=f"This round is at the stage “{row.stage}”; that is not done now.")  # fmt: skip


def _nobody() -> Refusal:
    return Refusal("nobody_named", zh="还没有推荐对象。请先推荐。", en="Nobody was put forward yet.")


@transaction.atomic
def open_voting(*, round: Round, by: User | None, post: Post | None) -> Round:
    """Nominations end, voting begins (awards chosen by votes only). Raises Refusal."""
    allow(by, post, "awards.manage")
    row = fresh(post, round)
    _at(row, "naming")
    if row.counts != "elected":
        raise Refusal(
            "no_vote", zh="这项评选不投票，推荐后直接公示。", en="This award is not voted on; names go to publicity."
        )
    if not row.nominations.filter(withdrawn_on=None).exists():
        raise _nobody()
    row.stage = "voting"
    row.save(update_fields=["stage"])
    audit.note("awards.vote.open", "award_round", row.pk, area_id=area_of(row))
    return row


@transaction.atomic
def cast_ballot(*, round: Round, nominations: Sequence[Nomination], by: User, post: Post | None) -> Ballot:
    """One ballot of one voter: up to as many names as there are places; an empty one abstains. Raises Refusal."""
    user = allow(by, post, "awards.vote")
    row = fresh(post, round)
    _at(row, "voting")
    picked = list({nomination.pk: nomination for nomination in nominations})
    if row.ballots.filter(user=user).exists():
        raise Refusal("voted_before", zh="您已经投过票，一人一票。", en="You have voted; one ballot each.")
    if len(picked) > row.limit:
        raise Refusal("too_many_votes", zh=f"名额 {row.limit} 个，您选了 {len(picked)} 个。请减少。", en=f"There are {row.limit} places; you chose {len(picked)}. Choose fewer.", field="nominations")  # fmt: skip
    if row.nominations.filter(pk__in=picked, withdrawn_on=None).count() != len(picked):
        raise Refusal("not_standing", zh="所选对象中有的不在本轮推荐之列。", en="Somebody you chose does not stand in this round.", field="nominations")  # fmt: skip
    made = Ballot.objects.create(round=row, user_id=user)
    Vote.objects.bulk_create(Vote(ballot=made, nomination_id=pk) for pk in picked)
    audit.note("awards.vote", "award_round", row.pk, area_id=area_of(row), names=len(picked))
    return made


@transaction.atomic
def choose(
    *,
    round: Round,
    where: str,
    by: User | None,
    post: Post | None,
    tie: Sequence[Nomination] = (),
    reason: str = "",
    on: date | None = None,
) -> Round:
    """Settle who is chosen and publish it from the next day for the award's working days. By votes where there is a vote;
    a tie over the last place is broken by `tie` with a reason; fewer than a fixed number need a reason too. Raises Refusal.
    """
    allow(by, post, "awards.manage")
    row = fresh(post, round)
    _at(row, "voting" if row.counts == "elected" else "naming")
    standing = list(row.nominations.filter(withdrawn_on=None))
    if not standing:
        raise _nobody()
    if not where.strip():
        raise Refusal("where_missing", zh="请写明公示渠道。", en="Say where it is published.", field="where")
    elected = _by_votes(row, tie, reason) if row.counts == "elected" else {each.pk for each in standing}
    _within_limit(row, elected, reason)
    Nomination.objects.filter(pk__in=[each.pk for each in standing]).update(result="unelected")
    Nomination.objects.filter(pk__in=elected).update(result="elected")
    start = on or timezone.localdate()
    row.publicity_to, assumed = workdays.after(start, row.publicity_days)
    row.publicity_from, row.publicity_calendar = start, "assumed" if assumed else "known"
    row.publicity_where, row.choice_reason, row.stage = where.strip()[:120], reason.strip()[:200], "publicity"
    row.save()
    audit.note("awards.choose", "award_round", row.pk, area_id=area_of(row), elected=len(elected))
    return row


def _by_votes(row: Round, tie: Sequence[Nomination], reason: str) -> set[int]:
    if not row.ballots.exists():
        raise Refusal("no_ballots", zh="还没有人投票，不能确定人选。", en="Nobody has voted yet.")
    counted = row.nominations.filter(withdrawn_on=None).annotate(n=Count("votes")).values_list("pk", "n")
    choice = rules.chosen(dict(counted), row.limit)
    picked = {nomination.pk for nomination in tie}
    if choice.tied and (not picked <= set(choice.tied) or len(picked) != choice.places or not reason.strip()):
        names = "、".join(row.nominations.filter(pk__in=choice.tied).values_list("name", flat=True))
        raise Refusal("tied", zh=f"最后 {choice.places} 个名额票数相同：{names}。请从中选定 {choice.places} 个并写明理由。", en=f"A tie over the last {choice.places}: {names}. Choose {choice.places} of them and say why.", field="tie")  # fmt: skip
    return set(choice.elected) | (picked if choice.tied else set())


def _within_limit(row: Round, elected: set[int], reason: str) -> None:
    within_limit(row, already=0, adding=len(elected))  # naming keeps it too; said again where it counts
    if row.operator == "=" and len(elected) < row.limit and not reason.strip():
        raise Refusal("too_few", zh=f"应选 {row.limit} 个，只有 {len(elected)} 个。确需少选的，请写明理由。", en=f"{row.limit} are to be chosen, there are {len(elected)}. To choose fewer, say why.", field="reason")  # fmt: skip


@transaction.atomic
def object_to(*, nomination: Nomination, text: str, by: User | None, post: Post | None) -> Objection:
    """What somebody says against a choice while it is published. Raises Refusal."""
    user = allow(by, post, "awards.manage")
    row = fresh(post, nomination.round)
    _at(row, "publicity")
    if nomination.result != "elected":
        raise Refusal(
            "not_elected", zh="只对公示对象受理异议。", en="Objections are heard against those published only."
        )
    if not text.strip():
        raise Refusal("text_missing", zh="请写明异议内容。", en="Say what is objected.", field="text")
    made = Objection.objects.create(
        round=row, nomination=nomination, text=text.strip(), on=timezone.localdate(), by=user
    )
    audit.note("awards.object", "award_round", row.pk, area_id=area_of(row), objection=made.pk)
    return made


@transaction.atomic
def answer_objection(
    *, objection: Objection, verdict: str, answer: str, by: User | None, post: Post | None
) -> Objection:
    """Upheld (the nomination is struck) or dismissed, with what was found. Raises Refusal."""
    allow(by, post, "awards.manage")
    row = fresh(post, objection.round)
    _at(row, "publicity")
    objection = Objection.objects.select_for_update().get(pk=objection.pk)
    if objection.verdict:
        raise Refusal("answered_before", zh="这条异议已经核实。", en="This objection was answered already.")
    if verdict not in dict(Objection.VERDICTS) or not answer.strip():
        raise Refusal("answer", zh="请选择成立或不成立，并写明核实情况。", en="Uphold or dismiss it, and say what was found.", field="answer")  # fmt: skip
    objection.verdict, objection.answer, objection.answered_on = verdict, answer.strip()[:300], timezone.localdate()
    objection.save(update_fields=["verdict", "answer", "answered_on"])
    if verdict == "upheld":
        Nomination.objects.filter(pk=objection.nomination_id).update(result="struck")
    audit.note("awards.object.answer", "award_round", row.pk, area_id=area_of(row), verdict=verdict)
    return objection


@transaction.atomic
def confirm(*, round: Round, by: User | None, post: Post | None, on: date | None = None) -> Round:
    """The result stands, after the last day of publicity and with no objection open. Raises Refusal."""
    allow(by, post, "awards.manage")
    row = fresh(post, round)
    _at(row, "publicity")
    today = on or timezone.localdate()
    if row.publicity_to is None or today <= row.publicity_to:
        raise Refusal("publicity_runs", zh=f"公示到 {row.publicity_to} 才结束，不能提前确认。", en=f"Publicity runs until {row.publicity_to}; it cannot be confirmed before.")  # fmt: skip
    waiting = row.objections.filter(verdict="").count()
    if waiting:
        raise Refusal(
            "objections_open", zh=f"还有 {waiting} 条异议没有核实。", en=f"{waiting} objections are not answered yet."
        )
    row.stage, row.confirmed_on = "confirmed", today
    row.save(update_fields=["stage", "confirmed_on"])
    audit.note("awards.confirm", "award_round", row.pk, area_id=area_of(row))
    return row
