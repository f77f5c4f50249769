"""A small programme on the invented world: two towns, one of the next county; figures of every kind of source."""

import pytest

TEXT = """
id: test-2023
title: {zh: 虚构工程, en: Invented programme}
place: "990101"
form: plan
year: 2023
from: 2023-01-01
to: 2023-12-31
source: {title: 虚构通知, issuer: 虚构县, number: 虚〔2023〕1号, date: 2023-01-01}
supersedes: []
upstream: []
bodies:
  - {id: bureau, name: {zh: 民政局, en: Bureau}, answers: true}
targets:
  - id: stations
    subject: {zh: 服务站, en: Stations}
    literal: {zh: 共 3 个。, en: Three.}
    operator: "="
    value: 3
    unit: {zh: 个, en: stations}
    deadline: {written: 10月底前, date: 2023-10-31}
    lead: [bureau]
    figure: {from: facilities, kinds: [day_care_station], reached: done}
  - id: in_each
    subject: {zh: 每个乡镇一个, en: One in each town}
    literal: {zh: 每个乡镇一个。, en: One in each town.}
    operator: ">="
    each: {level: township, value: 1}
    unit: {zh: 个, en: stations}
    deadline: {written: 10月底前, date: 2023-10-31}
    figure: {from: facilities, kinds: [day_care_station], reached: done}
  - id: covered
    subject: {zh: 有站的乡镇, en: Towns with one}
    literal: {zh: 乡镇覆盖率 50%。, en: Half of the towns.}
    operator: ">="
    value: 50
    unit: {zh: "%", en: "%"}
    each: {level: township, value: 1}
    deadline: {written: 10月底前, date: 2023-10-31}
    figure: {from: facilities, kinds: [day_care_station], reached: done}
  - id: beds
    subject: {zh: 全托床位, en: Beds}
    literal: {zh: 20 张。, en: Twenty.}
    operator: ">="
    value: 20
    unit: {zh: 张, en: beds}
    deadline: {written: 年底前, date: 2023-12-31}
    figure: {from: beds, beds: [residential], new: true}
  - id: schools
    subject: {zh: 学校活动, en: School events}
    literal: {zh: 每校一次。, en: One in each school.}
    operator: ">="
    value: 100
    unit: {zh: "%", en: "%"}
    deadline: {written: 9月底前, date: 2023-09-30}
    figure: {from: evidence, by: township}
  - id: exemplars
    commitments: [R65]
    subject: {zh: 先进典型, en: Exemplars}
    literal: {zh: 每月每乡镇不超过 5 名。, en: No more than five a month.}
    operator: "<="
    each: {level: township, value: 5}
    recurs: month
    unit: {zh: 名, en: people}
    deadline: {written: 年底前, date: 2023-12-31}
    figure: {from: evidence}
  - id: visiting
    subject: {zh: 探访率, en: Visiting}
    literal: {zh: 每周探访。, en: Every week.}
    operator: ">="
    value: 100
    unit: {zh: "%", en: "%"}
    recurs: week
    deadline: {written: 年底前, date: 2023-12-31}
    figure: {from: indicator, indicator: weekly_visiting}
annex:
  title: {zh: 分解表, en: Annex}
  rows:
    - {place: "990101001", name: 甲镇, shares: {stations: 2}}
    - {place: "990101002", name: 乙镇, shares: {stations: 1}}
  sums:
    - {of: stations, is: 3, where: 正文}
milestones:
  - id: tenders
    subject: {zh: 招标, en: Tenders}
    literal: {zh: 6 月底前招标。, en: Tenders by June.}
    operator: ">="
    value: 2
    unit: {zh: 家, en: homes}
    deadline: {written: 6月底前, date: 2023-06-30}
    figure: {from: ledger, item: tenders}
backward:
  - id: plan
    title: {zh: 服务站倒排工期, en: Plan}
    kinds: [day_care_station]
    target: stations
    end: stations
    stages:
      - {reached: site_chosen, days: 0}
      - {reached: started, days: 30}
      - {reached: done, days: 90}
    confirmed: false
"""


def use(monkeypatch):
    """Put the invented programme beside the shipped ones; returns it."""
    from songhe.core.definitions import loads
    from songhe.oversight.programmes import definitions

    doc = loads(TEXT, "programmes/test-2023.yaml")
    assert definitions.faults(doc) == []
    made = definitions.made(doc)
    shipped = definitions.shipped() | {made.id: made}
    monkeypatch.setattr(definitions, "shipped", lambda: shipped)
    return made


@pytest.fixture
def programme(monkeypatch):
    return use(monkeypatch)


@pytest.fixture
def world(db, programme):
    from tests.world import World

    return World()


@pytest.fixture
def station(world):
    """A function: put a station into a village, done on a day."""
    from songhe.core.acting import everywhere
    from songhe.registry.facilities import actions

    def build(village, name, done, **more):
        with everywhere():
            return actions.register(
                by=None,
                post=None,
                place=world[village],
                kind="day_care_station",
                name=name,
                on=done,
                status="done",
                **more,
            )

    return build
