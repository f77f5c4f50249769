"""A telephone in Python: the contract of static/field/queue.js and sync.js, without page, sealing or browser.

What is kept on "disk" survives `crash`; what is only in hand does not. See the comment at the top of queue.js.
"""

import copy
import json
import uuid
from dataclasses import dataclass, field


@dataclass
class Record:
    """As queue.js `made`: `body` stands in for the sealed cell."""

    uuid: str
    owner: int
    kind: str
    post: int
    body: dict
    state: str = "saved"
    tries: int = 0
    clash: str = ""
    said: dict = field(default_factory=dict)

    @property
    def may_change(self) -> bool:
        return self.state == "saved" and self.tries == 0

    @property
    def may_drop(self) -> bool:
        return self.may_change or self.state == "returned"


def answered(record: Record, answer: dict) -> Record:
    """queue.js `answered`: a settled record hears nothing any more."""
    if record.state != "saved":
        return record
    made = copy.copy(record)
    match answer.get("result"):
        case "kept":
            made.state, made.said = "sent", answer if answer.get("code") else {}
        case "clash":
            made.state, made.clash, made.said = "sent", "clash", {}
        case "returned":
            made.state, made.said = "returned", answer
        case "held":
            made.said = answer
    return made


def read(kind: str, status: int, content: str, text: str) -> str:
    """wire.js `read`: what kind of answer came."""
    if kind == "opaqueredirect":
        return "login"
    body = None
    if "json" in content:
        try:
            body = json.loads(text)
        except ValueError:
            body = None
    ours = isinstance(body, dict) and body.get("songhe") == "field/1"
    if status == 401:
        return "login" if ours else "portal"
    if status == 413:
        return "big"
    if status >= 500 or status in (429, 408):
        return "trouble"
    if ours and status in (200, 403, 409, 400):
        return {200: "ok", 403: "denied", 409: "other", 400: "bad"}[status]
    if status == 200:
        return "broken" if "json" in content else "portal"
    if status in (409, 403):
        return "trouble"
    return "portal" if "html" in content else "trouble"


class Phone:
    """Records by number, on disk; a list of people, while somebody is signed in."""

    def __init__(self):
        self.disk: dict[str, Record] = {}
        self.user, self.list = 0, {}

    def sign_in(self, user: int, answer: dict) -> None:
        """The list of whoever signed in now; other people's records stay where they are."""
        self.user = user
        self.list = {row["id"]: dict(row) for row in answer["people"]}

    def sign_out(self) -> None:
        self.user, self.list = 0, {}

    def keep(self, kind: str, post: int, body: dict) -> Record:
        made = Record(str(uuid.uuid4()), self.user, kind, post, body)
        self.disk[made.uuid] = made
        return made

    def drop(self, record: Record) -> None:
        assert self.disk[record.uuid].may_drop
        del self.disk[record.uuid]

    def mine(self) -> list[Record]:
        return [record for record in self.disk.values() if record.owner == self.user]

    def fact(self, person: int, name: str) -> str:
        """app.js `fact`: the list's value, or one's own correction still on its way."""
        own = [r for r in self.mine() if r.kind == "correction" and r.state == "saved" and r.body["person"] == person and r.body["fact"] == name]  # fmt: skip
        return own[-1].body["value"] if own else self.list[person][name]

    def parcel(self, most: int = 100) -> dict:
        """What leaves now; each record is counted on disk before it does, so that its words are fixed."""
        due = [record for record in self.mine() if record.state == "saved"][:most]
        for record in due:
            record.tries += 1
        rows = [{"uuid": r.uuid, "kind": r.kind, "post": r.post, "body": copy.deepcopy(r.body)} for r in due]
        return {"owner": self.user, "rows": rows}

    def hear(self, parcel: dict, answers: list[dict]) -> None:
        """Only what was sent and is still waiting is settled by an answer."""
        sent = {row["uuid"] for row in parcel["rows"]}
        for answer in answers:
            if answer.get("uuid") in sent and answer["uuid"] in self.disk:
                self.disk[answer["uuid"]] = answered(self.disk[answer["uuid"]], answer)
        for record in self.mine():  # what the server has now stands in the list as well
            if record.state == "sent" and not record.clash and record.kind == "correction" and record.uuid in sent:
                self.list.get(record.body["person"], {})[record.body["fact"]] = record.body["value"]
