"""One village with one of everything that belongs to a person, each thing carrying a mark found nowhere else.

A leak is then a plain thing: a mark of another village in what somebody was shown.
"""

import uuid
from datetime import date, timedelta

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone

from songhe.care.agreements.models import Alarm, Bed, Device
from songhe.care.agreements.models import Step as BedStep
from songhe.care.duties.models import Assignment, Excuse
from songhe.care.evidence.models import (
    CallBack,
    Check,
    Complaint,
    ComplaintStep,
    Flag,
    Incident,
    Proof,
    Rating,
    Sample,
    Stamp,
)
from songhe.care.meals.models import Diner, Meal, Service
from songhe.care.services.models import (
    Catalogue,
    Certificate,
    Crew,
    Dispatch,
    Item,
    Order,
    Provider,
    Quota,
    Step,
    Worker,
)
from songhe.care.settlement.models import (
    Contract,
    Deduction,
    Held,
    Lot,
    OperatorScore,
    Price,
    Recipient,
    Settlement,
    Signer,
)
from songhe.care.settlement.models import (
    Line as PaidLine,
)
from songhe.care.visits import actions as visits
from songhe.care.visits.models import Enclosure, Escalation, Referral, Sheet, SheetRow, SheetScan, Visit
from songhe.care.visits.sheets import layout
from songhe.care.volunteering.models import Activity as Doing
from songhe.care.volunteering.models import Group, Offer
from songhe.core import periods
from songhe.insight.rounds.models import Plan, PlanChange, PlanItem, PlanLeft
from songhe.oversight.drafts.models import NoticeDraft, Ruling
from songhe.registry.facilities.models import (
    Activity,
    Facility,
    ImportSheet,
    Inspection,
    Licence,
    Line,
    Operation,
    Organisation,
    Photo,
    Staff,
    StatusChange,
)
from songhe.registry.people import sealing
from songhe.registry.people.models import (
    Assessment,
    Benefit,
    Circumstance,
    Consent,
    Contact,
    FamilyLink,
    Household,
    ImportBatch,
    LifeEvent,
    Merge,
    Person,
)
from songhe.registry.places.models import Place, PlaceChange
from tests import world as w

SIGNS = "甲乙丙丁戊己庚辛壬癸"
SPRING = date(2026, 3, 2)


def _read(words: str) -> dict:
    """A reading that holds these words."""
    warning = {"id": "w1", "zh": words, "en": words}
    head = {"title": words, "issuer": words, "document_number": None, "published": None, "effective": None}
    return head | {"text": words, "items": [], "cuts": [], "tables": [], "bodies": [], "warnings": [warning]}


class Village:
    """`marks`: texts that only people of this village may be shown; the rest are the rows, by name."""

    def __init__(self, place: Place, sign: str, helper):
        self.place, self.code, self.sign, self.helper = place, place.code, sign, helper
        number = SIGNS.index(sign)
        Place.objects.filter(pk=place.pk).update(longitude=115 + number / 100, latitude=38.5)
        areas = place.areas()
        self.names = [f"阚{sign}{given}" for given in "子丑寅卯"]
        self.phone = f"1390000{number}{number}{number}{number}"
        self.note = f"备注{sign}{sign}{sign}"
        self.roof = Household.objects.create(number_sealed=sealing.seal("household", f"HU{number}"), **areas)
        self.people = [w.person(place, name, tags=1, household=self.roof) for name in self.names]
        for person in self.people:
            person.phone_sealed = sealing.seal("phone", self.phone)
            person.address_sealed = sealing.seal("address", f"{sign}街{sign}号")
            person.changed_by = helper.user_id
        self.people[3].ability_level, self.people[3].ability_due = 2, timezone.localdate()
        Person.objects.bulk_create(self.people)
        self.person, self.twin, self.merged = self.people[:3]
        one = {"person": self.person} | areas
        self.circumstance = Circumstance.objects.create(kind="living_alone", valid_from=SPRING, source=self.note, **one)
        self.event = LifeEvent.objects.create(kind="turned_80", on=SPRING, note=self.note, **one)
        self.contact = Contact.objects.create(
            person=self.person, name=f"亲属{sign}", relation="son", phone_sealed=sealing.seal("contact", self.phone)
        )
        self.consent = Consent.objects.create(
            person=self.person, purpose=self.note, given_by=f"亲属{sign}", given_on=SPRING
        )
        self.benefit = Benefit.objects.create(person=self.person, kind=self.note, valid_from=SPRING)
        self.assessment = Assessment.objects.create(
            scale="other",
            version="1",
            reason="first",
            on=SPRING,
            result_text=self.note,
            assessors=[f"评估{sign}", "乙"],
            **one,
        )
        self.assignment = Assignment.objects.create(helper=helper.user, valid_from=SPRING, by=0, **one)
        self.excuse = Excuse.objects.create(
            reason="away", note=self.note, starts_on=timezone.localdate() - timedelta(days=1),
            ends_on=timezone.localdate() + timedelta(days=1), by=0, **{"person": self.twin} | areas,
        )  # fmt: skip
        self.batch = ImportBatch.objects.create(
            file_name=f"{self.note}.csv", sha256="0" * 64, state="done", rows=1, rejected=1, made_by=helper.user_id,
            errors=[{"row": 2, "column": "姓名", "reason": self.note, "reason_en": self.note}], **areas,
        )  # fmt: skip
        self.draft = NoticeDraft.objects.create(
            title=self.note, sha256="0" * 64, state="confirmed", programme=f"notice-{number}", definition=self.note,
            made_by=helper.user_id, reading=_read(self.note), **areas,
        )  # fmt: skip
        Ruling.objects.create(draft=self.draft, about="w1", what="answer", words=self.note, **areas)
        self.enclosure = Enclosure.objects.create(
            client_uuid=uuid.uuid4(), digest=b"", visit_id=10**9 + number, visit_on=SPRING, made_by=0,
            position_sealed=sealing.seal("position", "{}"), stored_as=f"no-such-file-{number}", **one,
        )  # fmt: skip
        self.sheet_of_sites = ImportSheet.objects.create(
            place=place, file_name=f"{self.note}.xlsx", sha256="0" * 64, rejected=1, by=helper.user_id,
            errors=[{"row": 2, "column": "名称", "reason": self.note, "reason_en": self.note}], **areas,
        )  # fmt: skip
        self.split = PlaceChange.objects.create(on=SPRING, kind="split", document="虚构")
        self.split.before.set([place])
        self.split.after.set([place])
        self.merge = Merge.objects.create(kept=self.person, absorbed=self.merged, reason=self.note, by=0, **areas)
        Person.objects.filter(pk=self.merged.pk).update(merged_into=self.person)
        self._visited(helper)
        self._site()
        self._papers(helper)
        self._planned(helper)
        self._cared()
        self._served()
        self._proved(helper)
        self.marks = [
            *self.names,
            self.facility.name,
            self.staff.name,
            self.worker.name,
            self.phone,
            self.note,
            f"亲属{sign}",
            f"{sign}街{sign}号",
            f"评估{sign}",
            f"演示帮扶{sign}",
        ]

    def _cared(self):
        """A bed with a device and an alarm, a diner with a meal, a group that did something, a shop with a complaint."""
        areas, one = self.place.areas(), {"person": self.person} | self.place.areas()
        at = timezone.now() - timedelta(minutes=9)
        self.bed = Bed.objects.create(facility=self.facility, scheme="national", opened_on=SPRING, **one)
        BedStep.objects.create(bed=self.bed, kind="surveyed", on=SPRING, note=self.note)
        self.device = Device.objects.create(kind="button", serial=self.note, installed_on=SPRING, bed=self.bed, **one)
        Alarm.objects.create(uuid=uuid.uuid4(), device=self.device, at=at, received_at=at, answer_by=at, **one)
        self.diner = Diner.objects.create(facility=self.facility, tag=self.note, valid_from=SPRING, **one)
        self.meal = Meal.objects.create(
            client_uuid=uuid.uuid4(), digest=b"", facility=self.facility, on=timezone.localdate(), meal="lunch", way="dine_in", price=0,
            government=0, person_pays=0, society=0, volunteer=0, channel="till", at=at, **one,
        )  # fmt: skip
        self.served = Service.objects.create(facility=self.facility, valid_from=SPRING, **areas)
        self.group = Group.objects.create(
            kind="elders", name=self.note, leader=f"组长{self.sign}", members=3, valid_from=SPRING, **areas
        )
        self.doing = Doing.objects.create(
            group=self.group, on=SPRING, kind="visit", volunteers=1, hours=1, evidence=self.note, **areas
        )
        self.shop = Facility.objects.create(place=self.place, kind="partner_shop", name=f"超市{self.note}", **areas)
        StatusChange.objects.create(facility=self.shop, status="done", on=SPRING, reason=self.note)
        Offer.objects.create(facility=self.shop, kind="free", text=self.note, valid_from=SPRING, valid_to=SPRING)

    def _served(self):
        """An order for somebody of the village, given to a worker who is stationed here."""
        minute = {"dispatch_minutes": 5, "arrive_minutes": 60}
        catalogue, _ = Catalogue.objects.get_or_create(
            name="all", valid_from=SPRING,
            defaults={
                "version": "t", "title": "各村共用的目录", "title_en": "shared", "places": ["990000"],
                "source": {"title": "t", "confirmed": False, "clause": {"zh": "t", "en": "t"}},
                "urgencies": dict.fromkeys(("emergency", "soon", "planned"), minute),
            },
        )  # fmt: skip
        item, _ = Item.objects.get_or_create(
            catalogue=catalogue, code="cleaning",
            defaults={
                "kind": "cleaning", "name": "保洁", "name_en": "Cleaning", "unit": "次", "price": 40, "minutes": 60,
                "proofs": ["time"], "may_order": ["phone", "found_need"],
            },
        )  # fmt: skip
        self.provider = Provider.objects.filter(organisation=self.operator).first() or Provider.objects.create(
            organisation=self.operator, kinds=["cleaning"], daily_capacity=9, valid_from=SPRING
        )
        areas, now = self.place.areas(), timezone.now()
        self.worker = Worker.objects.create(
            place=self.place, provider=self.provider, name=f"护理{self.sign}{self.sign}", sex="f", daily_minutes=480,
            valid_from=SPRING, phone_sealed=sealing.seal("phone", self.phone), **areas,
        )  # fmt: skip
        Certificate.objects.create(worker=self.worker, kind="health", number=self.note, valid_from=SPRING)
        self.order = Order.objects.create(
            person=self.person, item=item, service_on=timezone.localdate(now), wanted_from=now,
            wanted_to=now + timedelta(hours=2), urgency="planned", channel="phone", caller=f"亲属{self.sign}",
            note=self.note, carers=1, minutes=60, unit_price=40, funding="self", person_pays=40, age=80, asked_at=now,
            dispatch_due_at=now + timedelta(hours=1), arrive_due_at=now + timedelta(hours=2), **areas,
        )  # fmt: skip
        Step.objects.create(order=self.order, from_state="", to_state="waiting", at=now, recorded_at=now)
        ends = now + timedelta(hours=1)
        given = Dispatch.objects.create(
            order=self.order, provider=self.provider, starts_at=now, ends_at=ends, made_at=now
        )
        Crew.objects.create(dispatch=given, worker=self.worker, during=DateTimeTZRange(now, ends))
        Step.objects.create(
            order=self.order, from_state="waiting", to_state="dispatched", at=now, recorded_at=now, dispatch=given
        )
        Quota.objects.create(person=self.person, entitlement="t", month=SPRING.replace(day=1), granted=4, used=1)

    def _proved(self, helper):
        """The order was begun, doubted, called back, complained about, and stands in a month of a contract of this village."""
        areas, now, one = self.place.areas(), timezone.now(), {"order": self.order}
        sealed = sealing.seal("complaint", self.note)
        self.stamp = Stamp.objects.create(
            client_uuid=uuid.uuid4(), digest=b"", worker=self.worker, kind="start", at=now, received_at=now, channel="desk",
            reason=self.note, **one, **areas,
        )  # fmt: skip
        self.proof = Proof.objects.create(stamp=self.stamp, kind="photo", dhash=1, phash=1, stored_as="nowhere")
        self.check = Check.objects.create(state="accepted", decided_at=now, **one, **areas)
        where = {"place": self.place, "provider": self.provider}
        self.sample = Sample.objects.create(
            first=SPRING.replace(day=1), last=SPRING, seed=self.note, size=1, population=[self.order.pk],
            drawn=[self.order.pk], **where, **areas,
        )  # fmt: skip
        CallBack.objects.create(sample=self.sample, outcome="unreached", note=self.note, **one, **areas)
        Rating.objects.create(stars=4, rated_by="person", note=self.note, **one, **areas)
        self.complaint = Complaint.objects.create(
            facility=self.shop, person=self.person, channel="phone", reference=self.note, subject="other", text_sealed=sealed, received_at=now,
            reply_due_on=timezone.localdate(), contact_sealed=sealing.seal("complainant", self.phone), **one, **where, **areas,
        )  # fmt: skip
        ComplaintStep.objects.create(
            complaint=self.complaint, from_state="open", to_state="replied", finding="upheld", text=self.note, on=SPRING
        )
        Incident.objects.create(
            person=self.person, kind="fall", severity="minor", occurred_at=now, reported_at=now, due_at=now,
            text_sealed=sealing.seal("incident", self.note), **one, **where, **areas,
        )  # fmt: skip
        self.contract = Contract.objects.create(
            number=self.note, title=self.note, buyer=self.note, starts_on=SPRING, ends_on=SPRING, **where, **areas
        )
        self.lot = lot = Lot.objects.create(contract=self.contract, name=self.note)
        Price.objects.create(lot=lot, service="cleaning", unit="次", price=40, valid_from=SPRING)
        self.recipient = Recipient.objects.create(lot=lot, person=self.person, valid_from=SPRING)
        held = {"contract": self.contract, "place": self.place}
        self.month = Settlement.objects.create(month=SPRING.replace(day=1), drawn_up_at=now, **held, **areas)
        PaidLine.objects.create(
            settlement=self.month,
            person=self.person,
            lot=lot,
            service="cleaning",
            units=1,
            price=40,
            share=100,
            amount=40,
            **one,
        )
        self.held = Held.objects.create(settlement=self.month, why="waiting", **one)
        Deduction.objects.create(settlement=self.month, rule="late_start", amount=0, words=self.note)
        Signer.objects.create(settlement=self.month, user=helper.user)
        OperatorScore.objects.create(
            contract=self.contract, place=self.place, first=SPRING, last=SPRING, parts=[{"words": self.note}], score=80,
            grade={"zh": self.note, "en": self.note}, renew="yes", percent=0, **areas,
        )  # fmt: skip
        self.check.state, self.check.decided_at = "open", None
        self.check.save()
        self.flag = Flag.objects.create(worker=self.worker, rule="unlocated", on=SPRING, waits=True, **one, **areas)

    def _planned(self, helper):
        """A plan of the township in which this village's people stand; one contact planned, one left, one changed."""
        week = periods.containing("week", timezone.localdate())
        town = {"town_id": self.place.town_id, "county_id": self.place.county_id, "city_id": self.place.city_id}
        self.plan = Plan.objects.create(
            place=self.place.town, rule="visiting", period=week.code, week_start=week.start, terms="test", basis="直线",
            basis_en="straight", **town,
        )  # fmt: skip
        one = {"plan": self.plan, "person": self.person} | self.place.areas()
        PlanItem.objects.create(
            helper=helper.user, on=week.end, kind="visit", position=0, start=0, why="own", in_force=True, **one
        )
        PlanLeft.objects.create(code="too_far", zh=self.note, en=self.note, **one)
        PlanChange.objects.create(kind="visit", to_helper=helper.user, to_on=week.end, reason="urgent", **one)

    def _visited(self, helper):
        """A visit with a need, and a call that nobody answered."""
        base = {"mode": "call", "note": self.note, "occurred_at": timezone.now() - timedelta(minutes=30)}
        rows = [
            base | {"uuid": uuid.uuid4(), "person": self.person.pk, "outcome": "needs", "needs": ["meal"]},
            base | {"uuid": uuid.uuid4(), "person": self.people[3].pk, "outcome": "no_answer"},
        ]
        visits.record(rows, by=helper.user, post=None, channel="desk")
        self.visit = Visit.objects.get(person=self.person)
        self.referral = Referral.objects.get(person=self.person)
        self.escalation = Escalation.objects.get(person=self.people[3])

    def _site(self):
        """A station with somebody who works there, an operator, an activity, a failed inspection with its photograph."""
        self.facility = Facility.objects.create(
            place=self.place, kind="day_care_station", name=f"阚{self.sign}服务站", **self.place.areas()
        )
        at = {"facility": self.facility}
        StatusChange.objects.create(status="done", on=SPRING, reason=self.note, **at)
        self.staff = Staff.objects.create(
            name=f"站长{self.sign}", role="manager", dedicated="dedicated", valid_from=SPRING, **at
        )
        self.activity = Activity.objects.create(on=SPRING, kind="meal", count=3, evidence=self.note, **at)
        self.operator, _ = Organisation.objects.get_or_create(
            credit_code="99" + "0" * 16, defaults={"name": "各村共用的公司", "kind": "company"}
        )
        Operation.objects.create(
            organisation=self.operator,
            selection="tender",
            contract=self.note,
            contract_on=SPRING,
            valid_from=SPRING,
            **at,
        )
        Licence.objects.create(kind="food", number=self.note, valid_from=SPRING, valid_to=SPRING, **at)
        self.inspection = Inspection.objects.create(kind="spot", on=SPRING, team=[f"评估{self.sign}"], **at)
        definition = {
            "id": "beds", "standard": "t", "title": {"zh": self.note, "en": self.note}, "operator": ">=", "value": 4, "unit": "张",
            "measure": "beds", "codes": ["day"], "tolerance": 0, "hard": "hard", "photo": "required", "where": "", "within_days": 0,
        }  # fmt: skip
        self.line = Line.objects.create(inspection=self.inspection, position=1, clause="t.beds", definition=definition)
        self.photo = Photo.objects.create(
            inspection=self.inspection,
            line=self.line,
            stored_as="nowhere",
            sha256="",
            dhash=SIGNS.index(self.sign),
            phash=0,
            **at,
        )

    def _papers(self, helper):
        """A family member's link, and a paper sheet with a page taken in that nobody has decided yet."""
        self.link = FamilyLink.objects.create(
            person=self.person, contact=self.contact, digest=self.sign.encode(), made_by=0,
            ends_on=timezone.localdate() + timedelta(days=9),
        )  # fmt: skip
        areas = self.place.areas()
        self.sheet = Sheet.objects.create(
            number=f"23456789{'ABCDEFGHJK'[SIGNS.index(self.sign)]}", helper=helper.user, layout=layout.layout(), printed_by=0,
            period_start=SPRING, **areas,
        )  # fmt: skip
        SheetRow.objects.create(sheet=self.sheet, row=1, person=self.person)
        self.scan = SheetScan.objects.create(
            sheet=self.sheet, page=1, sha256="0" * 64, taken_in_by=0, boxes={"1 d1.call": [1, 0.999, ""]},
            places={"1 d1.call": [38, 48]}, **areas,
        )  # fmt: skip

    @property
    def day(self) -> str:
        return self.visit.occurred_on.isoformat()


class Realm:
    """Every village of `tests.world`, furnished; `posts[...]` are made by the tests."""

    def __init__(self):
        from songhe.care.duties import actions as duties
        from songhe.core import periods
        from songhe.core.acting import everywhere

        with everywhere():
            self.places = w.places()
            duties.sync_rules(by=0)
            self.week = periods.containing("week", timezone.localdate())
            helpers = {code: w.post("helper", self.places[code], username=f"h-{code}") for code in w.VILLAGES}
            for sign, helper in zip(SIGNS, helpers.values(), strict=False):
                helper.user.name = f"演示帮扶{sign}"
                helper.user.save()
            self.villages = {
                code: Village(self.places[code], sign, helpers[code])
                for sign, code in zip(SIGNS, w.VILLAGES, strict=False)
            }
            duties.open_period(place=self.places["990000"], rule="visiting", period=self.week, by=0)

    def __getitem__(self, code: str) -> Place:
        return self.places[code]

    def inside(self, code: str) -> set[str]:
        """The villages of a place, said a second time and differently than the code under test says it."""
        if code == w.AREA:
            return {w.SISTER, w.FAR}
        stem = {"990000": "99", "990100": "9901", "990200": "9902"}.get(code, code)
        found = {village for village in w.VILLAGES if village.startswith(stem)}
        return found | ({w.DIRECT} if code == "990000" else set())

    def marks_outside(self, code: str) -> dict[str, list[str]]:
        """The marks that nobody posted at this place may be shown, by village."""
        inside = self.inside(code) if code else set()
        return {v: village.marks for v, village in self.villages.items() if v not in inside}
