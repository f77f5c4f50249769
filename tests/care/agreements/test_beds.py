"""A bed from survey to its end; whoever is left out is refused with the clause; half of a verb leaves nothing."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from songhe.care.agreements import actions, queries
from songhe.care.agreements.models import Agreement, Bed, Step
from songhe.core.acting import acting
from songhe.core.refusal import Refusal
from songhe.registry.accounts.access import Denied
from songhe.registry.people.models import Benefit, Circumstance
from tests import world as w
from tests.care.settings import SYSTEM, TODAY, ago, agreement, elder, firm, says_no, signed_bed, site

pytestmark = pytest.mark.django_db


@pytest.fixture
def centre(world):
    return site(world[w.OWN])


@pytest.fixture
def company(world):
    return firm()


@pytest.fixture
def person(world):
    return elder(world[w.OWN])


def refused(code: str, call, **given) -> Refusal:
    with pytest.raises(Refusal) as found:
        call(**given)
    assert found.value.code == code, found.value.zh
    assert found.value.zh
    assert found.value.en
    return found.value


def test_a_bed_walks_from_survey_to_acceptance_and_renewal(person, centre, company):
    bed = signed_bed(person, centre, ago(100), company, ends_on=ago(1))
    refused("nothing_fitted", actions.fit, **SYSTEM, bed=bed, on=ago(90))
    actions.retrofit(**SYSTEM, bed=bed, item="grab_rail", on=ago(95), cost=380)
    device = actions.install(**SYSTEM, bed=bed, kind="button", serial="B-1", on=ago(94))
    actions.fit(**SYSTEM, bed=bed, on=ago(90))
    actions.accept(**SYSTEM, bed=bed, on=ago(80), paper="YS-1")
    actions.serve(**SYSTEM, bed=bed, on=ago(70), service="bath", minutes=45)
    refused("outside_agreement", actions.serve, **SYSTEM, bed=bed, on=TODAY, service="bath", minutes=45)
    again = agreement(ago(5), starts_on=TODAY, ends_on=TODAY + timedelta(days=300))
    made = actions.renew(**SYSTEM, bed=bed, organisation=company, **again)
    assert made.minutes == 600  # as planned
    row = queries.one(post=None, uid=bed.uid, on=TODAY)
    assert (row.step, queries.next_step(row), row.until) == ("renewed", "", made.ends_on)
    assert [step.kind for step in bed.steps.all()] == [
        "surveyed",
        "assessed",
        "planned",
        "signed",
        "fitted",
        "accepted",
        "renewed",
    ]
    assert device.person_id == person.pk
    verbs = _verbs()
    assert verbs[:4] == ["beds.survey", "beds.assess", "beds.plan", "beds.sign"]
    assert verbs.count("beds.renew") == 1
    _ends(bed, person)


def _ends(bed, person):
    refused("end_reason", actions.end, **SYSTEM, bed=bed, on=TODAY, reason="whatever")
    actions.end(**SYSTEM, bed=bed, on=TODAY, reason="institution", note="转入护理院")
    bed.refresh_from_db()
    assert bed.ended_on == TODAY
    assert [d.serial for d in queries.orphaned(post=None, place=person.village)] == ["B-1"]
    refused("bed_has_ended", actions.renew, **SYSTEM, bed=bed, organisation=firm(8), **agreement(TODAY))


def _verbs() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.sees_audit', 'yes', true)")
        cursor.execute("SELECT verb FROM core_audit WHERE verb LIKE 'beds.%' ORDER BY id")
        return [row[0] for row in cursor.fetchall()]


def test_a_second_active_bed_is_refused_by_the_database_too(person, centre, company):
    signed_bed(person, centre, ago(30), company)
    said = refused("one_active_bed", actions.survey, **SYSTEM, person=person, facility=centre, on=TODAY)
    assert "一名老年人同一时间只签一张家庭养老床位（通用办法第五条）" in said.zh
    assert "one home-based care bed at a time (通用办法第五条)" in said.en
    row = Bed.objects.get(person=person)
    row.pk, row.uid = None, "00000000-0000-0000-0000-000000000001"
    with pytest.raises(IntegrityError, match="one_active_bed"), transaction.atomic():
        row.save(force_insert=True)


def test_after_an_end_there_may_be_another_bed(person, centre, company):
    actions.end(**SYSTEM, bed=signed_bed(person, centre, ago(30), company), on=ago(5), reason="withdrawn")
    assert actions.survey(**SYSTEM, person=person, facility=centre, on=TODAY).ended_on is None


@pytest.mark.parametrize(
    ("change", "code", "clause"),
    [
        ({"status": "institution", "status_from": ago(3)}, "excluded_resident", "第二条"),
        ({"living": "institution"}, "excluded_resident", "第二条"),
        ({"ability_level": 0}, "excluded_not_dependent", "第四条"),
        ({"status": "deceased", "status_from": ago(3)}, "not_living_here", "档案状态"),
    ],
)
def test_whoever_is_left_out_is_refused_with_the_clause(person, centre, change, code, clause):
    for name, value in change.items():
        setattr(person, name, value)
    person.save()
    said = refused(code, actions.survey, **SYSTEM, person=person, facility=centre, on=TODAY)
    assert clause in said.zh
    assert clause in said.en or code == "not_living_here"  # the number of the paper is the paper's own
    assert not Bed.objects.exists()


def test_destitute_in_an_institution_and_double_subsidy(person, centre, company):
    bed = actions.survey(**SYSTEM, person=person, facility=centre, on=ago(20))
    Benefit.objects.create(person=person, kind="机构养老补贴", valid_from=ago(10))
    said = refused("excluded_overlapping_benefit", actions.assess, **SYSTEM, bed=bed, on=TODAY)
    assert "不重复享受" in said.zh
    row = Circumstance.objects.filter(person=person).first()
    row.pk, row.kind, row.detail = None, "destitute", {"support": "institution"}
    row.save()
    said = refused("excluded_destitute_in_institution", actions.assess, **SYSTEM, bed=bed, on=TODAY)
    assert "特困集中供养" in said.zh
    assert "Destitute" in said.en


def test_no_step_is_skipped_and_nothing_goes_back(person, centre, company):
    bed = actions.survey(**SYSTEM, person=person, facility=centre, on=ago(20))
    with says_no("bed_step_follows"), transaction.atomic():
        actions.plan(**SYSTEM, bed=bed, on=TODAY, services=["clean"], minutes=60, items=[])
    with says_no("bed_step_in_order"), transaction.atomic():
        actions.assess(**SYSTEM, bed=bed, on=ago(21))
    actions.assess(**SYSTEM, bed=bed, on=ago(19))
    refused("plan_incomplete", actions.plan, **SYSTEM, bed=bed, on=TODAY, services=["magic"], minutes=60, items=[])
    actions.plan(**SYSTEM, bed=bed, on=ago(18), services=["clean"], minutes=60, items=[])
    half = agreement(ago(10)) | {"ends_on": ago(11)}
    with pytest.raises(Refusal), transaction.atomic():
        actions.sign(**SYSTEM, bed=bed, organisation=company, **half)
    assert not Agreement.objects.exists()  # half of it failed, the step did not stay either
    assert Step.objects.filter(bed=bed).count() == 3
    with pytest.raises(Exception, match="只增不改"), transaction.atomic():
        Step.objects.filter(bed=bed).update(on=TODAY)


def test_without_an_assessment_there_is_no_bed(world, centre):
    person = elder(world[w.OWN], level=None)
    bed = actions.survey(**SYSTEM, person=person, facility=centre, on=ago(2))
    refused("no_assessment", actions.assess, **SYSTEM, bed=bed, on=ago(1))


def test_whoever_fitted_it_does_not_accept_it(world, person, centre, company):
    post = w.post("township_worker", world["990101001"])
    bed = signed_bed(person, centre, ago(20), company)
    with acting(post.areas(), user_id=post.user_id):
        mine = {"by": post.user, "post": post, "bed": bed}
        actions.retrofit(**mine, item="ramp", on=ago(9), cost="1200.50")
        actions.fit(**mine, on=ago(8))
        refused("accepted_by_another", actions.accept, **mine, on=ago(7), paper="YS")
    other = w.post("clerk", world["990101"])
    with acting(other.areas(), user_id=other.user_id):
        actions.accept(by=other.user, post=other, bed=bed, on=ago(7), paper="YS")


def test_nobody_acts_outside_their_area_or_without_the_right(world, person, centre):
    far = w.post("township_worker", world["990102001"])
    with acting(far.areas(), user_id=far.user_id), pytest.raises(Refusal):
        actions.survey(by=far.user, post=far, person=person, facility=centre, on=TODAY)
    helper = w.post("helper", world[w.OWN])
    with acting(helper.areas(), user_id=helper.user_id), pytest.raises(Denied):
        actions.survey(by=helper.user, post=helper, person=person, facility=centre, on=TODAY)


def test_months_counts_and_lists(person, centre, company, world):
    bed = signed_bed(person, centre, ago(70), company)
    good = actions.serve(**SYSTEM, bed=bed, on=ago(40), service="bath", minutes=700)
    wrong = actions.serve(**SYSTEM, bed=bed, on=ago(40), service="clean", minutes=30)
    actions.void_care(**SYSTEM, care=wrong, reason="登记到别人名下")
    refused("voided", actions.void_care, **SYSTEM, care=wrong, reason="又一次")
    assert [row.pk for row in queries.standing_cares(bed)] == [good.pk]
    found = {first: (promised, given) for first, promised, given in queries.months(bed, TODAY)}
    assert found[ago(40).replace(day=1)] == (600, 700)
    assert [(row.pk, p, g) for row, p, g in queries.minutes_short(post=None, place=world["990101"], month=TODAY.replace(day=1))] == [(bed.pk, 600, 0)]  # fmt: skip
    counted = queries.counts(place=world["990101"], on=TODAY)
    assert (counted["signed"], counted["active"], counted["all"]) == (1, 1, 1)
    assert queries.counts(place=world["990101"], on=ago(71))["all"] == 0
    assert queries.by_year(place=world["990101"], on=TODAY) == {ago(70).year: 1}
    assert queries.page(post=None, place=world["990101"], on=TODAY, step="signed").count == 1
    with pytest.raises(Refusal):
        queries.page(post=None, place=world["990101"], on=TODAY, step="nonsense")
