"""Two phones and a desk, in any order of records, corrections, losses, retries and amendments.

Whatever happens: no acknowledged record is lost, none is there twice, nothing is overwritten unseen, every clash is listed.
"""

import json
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from songhe.care.visits import actions, queries
from songhe.care.visits.actions.correct import opened, standing
from songhe.care.visits.models import Correction, Visit
from songhe.core.acting import everywhere
from songhe.core.refusal import Refusal
from songhe.registry.accounts.access import acting_as
from songhe.registry.accounts.models import Post
from songhe.registry.people import actions as people
from songhe.registry.people.models import Person
from tests.doors.field.phone import Phone, read

pytestmark = pytest.mark.django_db
PHONE, PERSON, ANY = st.integers(0, 1), st.integers(0, 2), st.integers(0, 99)
FACT = st.sampled_from(["phone", "door_note", "call_time"])
WORDS = {
    "phone": ["13000000001", "13000000002", ""],
    "door_note": ["东头红门", "二楼左手", ""],
    "call_time": ["上午", "晚饭后", ""],
}
FATE = st.sampled_from(["well", "well", "request lost", "answer lost", "half", "twice", "error", "portal"])


class TwoPhones(RuleBasedStateMachine):
    field = None  # set by the test

    def __init__(self):
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.phones = [Phone(), Phone()]
        self.clients = {post.user_id: self.field.client(post) for post in (self.field.helper, self.field.second)}
        self.made: dict[str, dict] = {}  # every record ever made and not thrown away by its owner
        self.acknowledged: set[str] = set()
        self.desk: list[tuple[int, str]] = []
        for phone in self.phones:
            self._sign_in(phone, self.field.helper)

    def teardown(self):
        self._all_sent()
        self._whole()
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)

    # the doorstep

    @rule(phone=PHONE, person=PERSON, mode=st.sampled_from(["call", "home_visit"]), outcome=st.sampled_from(["well", "no_answer", "needs"]))  # fmt: skip
    def visit(self, phone, person, mode, outcome):
        at = (timezone.now() - timedelta(minutes=len(self.made) + 1)).isoformat()
        who = self.field.people[person].pk
        body = {
            "person": who,
            "mode": mode,
            "outcome": outcome,
            "occurred_at": at,
            "needs": ["meal"] if outcome == "needs" else [],
        }
        self._keep(phone, "visit", who, body)

    @rule(phone=PHONE, person=PERSON, fact=FACT, word=st.integers(0, 2))
    def correct(self, phone, person, fact, word):
        who, holder = self.field.people[person].pk, self.phones[phone]
        if who in holder.list:
            body = {"person": who, "fact": fact, "value": WORDS[fact][word], "based_on": holder.fact(who, fact)}
            self._keep(phone, "correction", who, body)

    def _keep(self, phone, kind, who, body):
        holder = self.phones[phone]
        if who in holder.list:
            record = holder.keep(kind, holder.list[who]["post"], body)
            self.made[record.uuid] = {"kind": kind} | body

    @rule(phone=PHONE, which=ANY)
    def throw_away(self, phone, which):
        """Only what never left, or what came back."""
        found = [r for r in self.phones[phone].mine() if r.may_drop]
        if found:
            record = found[which % len(found)]
            self.phones[phone].drop(record)
            del self.made[record.uuid]

    @rule(phone=PHONE, who=st.sampled_from(["helper", "second", "out"]))
    def hand_over(self, phone, who):
        self.phones[phone].sign_out()
        if who != "out":
            self._sign_in(self.phones[phone], getattr(self.field, who))

    def _sign_in(self, phone, post):
        answer = self.clients[post.user_id].get("/field/list/")
        if answer.status_code == 200:
            phone.sign_in(post.user_id, answer.json())

    @rule(phone=PHONE)
    def fresh_list(self, phone):
        holder = self.phones[phone]
        if holder.user:
            answer = self.clients[holder.user].get("/field/list/")
            if answer.status_code == 200:
                holder.sign_in(holder.user, answer.json())

    # the line

    @rule(phone=PHONE, fate=FATE, most=st.integers(1, 5))
    def send(self, phone, fate, most):
        holder = self.phones[phone]
        if not holder.user:
            return
        parcel = holder.parcel(most)
        if fate == "request lost" or not parcel["rows"]:
            return
        if fate in ("error", "portal"):
            status, kind = (502, "text/html") if fate == "error" else (200, "text/html; charset=utf-8")
            assert read("basic", status, kind, "<h1>") in ("trouble", "portal")
            return
        answers = [self._post(holder, parcel) for _ in range(2 if fate == "twice" else 1)]
        if fate == "answer lost":
            return
        for how, text in answers:
            if fate == "half":
                text = text[: len(text) // 2]
                assert read("basic", 200, "application/json", text) == "broken"
            elif how == "ok":
                self._hear(holder, parcel, json.loads(text)["rows"])

    def _post(self, holder, parcel):
        got = self.clients[holder.user].post("/field/sync/", json.dumps(parcel), content_type="application/json")
        text = got.content.decode()
        how = read("basic", got.status_code, got["Content-Type"], text)
        assert how in ("ok", "denied"), (got.status_code, text)
        return how, text

    def _hear(self, holder, parcel, answers):
        assert [a["uuid"] for a in answers] == [r["uuid"] for r in parcel["rows"]]
        for answer in answers:
            if answer["result"] in ("kept", "clash"):
                self.acknowledged.add(answer["uuid"])
            else:
                assert answer["zh"], answer
                assert answer["en"], answer
        holder.hear(parcel, answers)

    # the desk

    @rule(which=ANY, void=st.booleans())
    def amend(self, which, void):
        with acting_as(self.field.town):
            found = list(Visit.objects.visible_to(self.field.town).order_by("id"))
            if not found:
                return
            visit, town = found[which % len(found)], self.field.town
            try:
                if void:
                    actions.void(visit=visit, reason="登错", by=town.user, post=town)
                else:
                    actions.amend(visit=visit, changes={"outcome": "unwell"}, reason="更正", by=town.user, post=town)
            except Refusal:
                pass

    @rule(person=PERSON, word=st.integers(0, 1))
    def desk_edits(self, person, word):
        town = self.field.town
        with acting_as(town):
            file = Person.objects.visible_to(town).filter(pk=self.field.people[person].pk).first()
            if file:
                people.edit(by=town.user, post=town, person=file, changes={"phone": f"1390000000{word}"})
                self.desk.append((file.pk, f"1390000000{word}"))

    @rule(which=ANY, take=st.sampled_from(["proposed", "standing"]))
    def decide(self, which, take):
        town = self.field.town
        with acting_as(town):
            found = list(queries.clashes(post=town))
            if found:
                row = found[which % len(found)]
                before, wanted = standing(row.person, row.fact), opened(row.value_sealed)
                actions.decide(correction=row, take=take, seen=before, by=town.user, post=town)
                assert standing(Person.objects.visible_to(town).get(pk=row.person_id), row.fact) == (
                    wanted if take == "proposed" else before
                )

    @rule(gone=st.booleans())
    def rights(self, gone):
        """The helper's post ends, or begins again."""
        with everywhere():
            Post.objects.filter(pk=self.field.helper.pk).update(valid_to=timezone.localdate() if gone else None)

    @rule(person=PERSON, away=st.booleans())
    def moves(self, person, away):
        """Somebody moves out of the helper's area, or back."""
        to = self.field.county.villages[3 if away else 0]
        with everywhere():
            Person.objects.filter(pk=self.field.people[person].pk).update(**to.areas())

    # what must hold

    @invariant()
    def nothing_acknowledged_is_missing(self):
        with everywhere():
            kept = set(Visit.objects.filter(amends=None).values_list("client_uuid", flat=True))
            kept |= set(Correction.objects.values_list("client_uuid", flat=True))
        assert self.acknowledged <= {str(number) for number in kept}

    @invariant()
    def everything_made_is_somewhere(self):
        on_phones = {number for phone in self.phones for number in phone.disk}
        assert set(self.made) <= on_phones | self.acknowledged

    def _all_sent(self):
        """In the end the network is there, and everybody signs in once more."""
        self.rights(False)
        for who in range(3):
            self.moves(who, False)
        for phone in self.phones:
            for post in (self.field.helper, self.field.second):
                phone.sign_out()
                self._sign_in(phone, post)
                parcel = phone.parcel()
                if parcel["rows"]:
                    self._hear(phone, parcel, json.loads(self._post(phone, parcel)[1])["rows"])

    def _whole(self):
        states = {number: record for phone in self.phones for number, record in phone.disk.items()}
        assert all(states[number].state in ("sent", "returned") for number in self.made)
        sent = {number for number in self.made if states[number].state == "sent"}
        with everywhere():
            visits = list(Visit.objects.filter(amends=None))
            corrections = list(Correction.objects.order_by("id").select_related("person"))
        assert len({v.client_uuid for v in visits}) == len(visits), "a visit twice"
        by_number = {str(row.client_uuid): row for row in [*visits, *corrections]}
        # what came back may have been thrown away, what was never acknowledged not: the server holds exactly what was sent
        assert set(by_number) == sent
        for number in sent:
            row, said = by_number[number], self.made[number]
            assert row.person_id == said["person"]
            if said["kind"] == "visit":
                assert (row.mode, row.outcome, row.occurred_at.isoformat()) == (
                    said["mode"],
                    said["outcome"],
                    self._utc(said["occurred_at"]),
                )
        self._nothing_overwritten(corrections, states)

    def _utc(self, text):
        from datetime import UTC, datetime

        return datetime.fromisoformat(text).astimezone(UTC).isoformat()

    def _nothing_overwritten(self, corrections, states):
        for row in corrections:
            found, based_on, value = opened(row.found_sealed), opened(row.based_on_sealed), opened(row.value_sealed)
            unseen = found not in (based_on, value)
            assert unseen == (row.state != "applied"), "applied over something nobody had seen"
            assert bool(states[str(row.client_uuid)].clash) == unseen, "the phone was not told"
        with acting_as(self.field.town):
            listed = {row.pk for row in queries.clashes(post=self.field.town)}
        assert listed == {row.pk for row in corrections if row.state == "clash"}, "a clash is not listed"
        assert all(row.decided_at for row in corrections if row.state in ("chosen", "declined"))


def test_two_phones_and_a_desk(field):
    TwoPhones.field = field
    run_state_machine_as_test(
        TwoPhones,
        settings=settings(
            max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
