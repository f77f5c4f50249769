"""Operators: credit codes, designation on the contract date, one a street in principle, premises and rent, papers."""

from datetime import date

import pytest

from songhe.core.refusal import Refusal
from songhe.registry.facilities import actions, queries, rules
from songhe.registry.facilities.models import Operation, Organisation
from tests import world as w
from tests.registry.facilities.sites import DAY, Site, credit_code

D = date
SYSTEM = {"by": None, "post": None}


def organisation(world, number):
    return actions.register_organisation(
        **SYSTEM, name=f"机构{number}", credit_code=credit_code(number), kind="company", place=world["990101"]
    )


def choose(site, operator, on=D(2021, 5, 1), **more):
    return actions.choose_operator(
        **SYSTEM, facility=site, organisation=operator, selection="tender", contract_on=on, valid_from=on, **more
    )


def test_a_credit_code_stands_once(world, operator):
    for code, said in ((operator.credit_code, "已有登记"), ("91350100M000100Y44", "校验码"), ("123", "18 位")):
        with pytest.raises(Refusal, match=said):
            actions.register_organisation(**SYSTEM, name="另一家", credit_code=code, kind="company")
    assert Organisation.objects.count() == 1


def test_the_designation_must_hold_on_the_contract_date(world, operator, only):
    only("laixi-2020-operator")
    site = Site(world, kind="street_centre", name="甲中心").facility
    with pytest.raises(Refusal, match="定点资质"):
        choose(site, operator)
    actions.designate(**SYSTEM, organisation=operator, valid_from=D(2020, 1, 1), valid_to=D(2021, 4, 30))
    with pytest.raises(Refusal, match="定点资质"):
        choose(site, operator)  # it ended the day before
    assert not Operation.objects.exists()
    actions.designate(**SYSTEM, organisation=operator, valid_from=D(2021, 5, 1))
    choose(site, operator)
    (held,) = [found for term, found in queries.site_judged(site, D(2021, 6, 1)) if term.clause.id == "ltci_designated"]
    assert (held.result, held.rows[0].table) == ("met", "operation")


def test_a_second_operator_in_a_street_needs_a_reason(world, only):
    only("laixi-2020-operator")
    both = [organisation(world, n) for n in (1, 2)]
    for each in both:
        actions.designate(**SYSTEM, organisation=each, valid_from=D(2020, 1, 1))
    first = Site(world, kind="street_centre", name="甲中心").facility
    second = Site(world, w.SISTER, kind="street_centre", name="乙中心").facility
    far = Site(world, w.FAR, kind="street_centre", name="丙中心").facility
    choose(first, both[0])
    with pytest.raises(Refusal, match="原则上"):
        choose(second, both[1])
    choose(far, both[1])  # another township
    choose(second, both[1], exception="首家放弃续约")
    found = {term.clause.id: judged for term, judged in queries.site_judged(second, D(2021, 6, 1))}
    assert (found["one_operator"].result, found["one_operator"].actual) == ("not_met", 2)
    assert len(found["one_operator"].rows) == 2


def test_the_operator_before_ends_when_another_begins(world, station, operator):
    other = organisation(world, 7)
    choose(station.facility, operator, D(2021, 5, 1))
    choose(station.facility, other, D(2022, 5, 1))
    assert queries.holdings(station.facility, D(2022, 4, 30)).operation.organisation == operator
    assert queries.holdings(station.facility, D(2022, 5, 1)).operation.organisation == other


def test_premises_say_on_what_basis_rent_is_paid(world, station):
    take = {"facility": station.facility, "valid_from": DAY}
    actions.take_premises(**SYSTEM, **take, sourcing="lease_idle", owner="market", leased="leased")
    held = queries.holdings(station.facility, DAY).premises
    assert rules.rent_basis(held.owner, held.leased) == "subsidised"
    actions.take_premises(
        **SYSTEM,
        facility=station.facility,
        valid_from=D(2022, 1, 1),
        sourcing="split_office",
        owner="street",
        leased="not",
    )
    assert queries.holdings(station.facility, D(2022, 1, 1)).premises.sourcing == "split_office"
    assert queries.holdings(station.facility, D(2021, 12, 31)).premises.sourcing == "lease_idle"


def test_four_steps_of_a_new_estate(world, station, only):
    only("tangshan-2023-new-estate")
    actions.take_premises(
        **SYSTEM, facility=station.facility, valid_from=DAY, sourcing="new_estate", owner="street", leased="not"
    )
    judged = lambda: queries.site_judged(station.facility, D(2021, 12, 31))[0][1].result  # noqa: E731
    for step in ("planning", "building", "acceptance"):
        actions.check_sync(
            **SYSTEM, facility=station.facility, estate="柳荫小区", step=step, result="met", on=D(2021, 6, 1)
        )
        assert judged() == "unknown"
    for result, said in (("not_met", "not_met"), ("met", "met")):
        actions.check_sync(
            **SYSTEM, facility=station.facility, estate="柳荫小区", step="delivery", result=result, on=D(2021, 7, 1)
        )
        assert judged() == said  # the latest look at a step holds


def test_papers_to_renew(world, station, operator):
    choose(station.facility, operator)
    given = {"kind": "business", "number": "A", "valid_from": D(2020, 1, 1), "valid_to": D(2022, 1, 31)}
    actions.license_(**SYSTEM, organisation=operator, **given)
    actions.license_(**SYSTEM, facility=station.facility, kind="food", number="B", valid_from=D(2021, 1, 1))
    place = world["990101"]

    def due(on):
        lights = [p.light for p in queries.papers(post=None, place=place, on=on, due_only="due")]
        assert queries.papers_due(post=None, place=place, on=on) == (len(lights), lights.count("red"))
        return lights

    assert due(D(2021, 11, 1)) == []
    assert due(D(2022, 1, 1)) == ["yellow"]
    assert due(D(2022, 2, 1)) == ["red"]
    actions.license_(**SYSTEM, organisation=operator, **(given | {"valid_from": D(2022, 2, 1), "valid_to": None}))
    assert due(D(2022, 2, 1)) == []  # the newest of a kind holds
    with pytest.raises(Refusal, match="证号"):
        actions.license_(**SYSTEM, facility=station.facility, kind="fire", valid_from=DAY)
