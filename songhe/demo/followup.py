"""What follows in the demo: ability assessments of those said to be care-dependent, and needs that were dealt with."""

from datetime import date, timedelta

import numpy as np

from songhe.care.visits import actions as visits
from songhe.care.visits.models import Referral
from songhe.demo.progress import Report
from songhe.demo.staff import name_for
from songhe.registry.people.assessing import record_assessment
from songhe.registry.people.assessment import Assessor, Findings
from songhe.registry.people.assessment_scale import load_scale
from songhe.registry.people.models import Assessment, Person
from songhe.registry.people.terms import BITS

ASSESSED = 160
RESULTS = ("已代购送到", "已联系社区医生上门", "已通知家属", "已办好", "已安排志愿者", "已修好")


def assess_people(today: date, report: Report, seed: int = 20211116) -> None:
    """A part of those marked 失能 get an assessment within the last fifteen months; a few are past due."""
    if Assessment.objects.exists():
        return
    scale = load_scale()
    team = (Assessor("a", medical=True), Assessor("b"))
    people = [
        p
        for p in Person.objects.filter(origin="demo").exclude(tags=0).order_by("pk")
        if p.tags & BITS["care_dependent"]
    ]
    for person in report.each("能力评估 assess", people[:ASSESSED], min(len(people), ASSESSED)):
        rng = np.random.Generator(np.random.Philox(key=[seed, person.pk]))
        weak = 0.25 + 0.55 * rng.random()
        answers = {}
        for item in scale.items:
            scores = sorted(item.scores)
            answers[item.id] = scores[min(len(scores) - 1, int((1 - weak * rng.random()) * len(scores)))]
        record_assessment(
            by=None, post=None, person=person, on=today - timedelta(days=int(rng.random() * 400)), answers=answers,
            findings=Findings(coma=False, mental_diagnosis=bool(person.tags & BITS["dementia"]), risk_events={}),
            assessors=team, assessor_names=[name_for(9001), name_for(9002)], informant=name_for(person.pk),
            informant_relation="daughter", agency="定州市演示评估机构",
        )  # fmt: skip


def settle_needs(today: date, report: Report) -> None:
    """Most needs found more than ten days ago were dealt with; every thirtieth was forgotten."""
    old = list(Referral.objects.filter(closed_at=None, due_on__lt=today - timedelta(days=7)).order_by("pk"))
    for referral in report.each("办结转办 needs", old, len(old)):
        if referral.pk % 30:
            visits.close_referral(referral=referral, result=RESULTS[referral.pk % len(RESULTS)], by=0, post=None)
