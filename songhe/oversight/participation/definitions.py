"""Reads `definitions/bodies/*.yaml` and `definitions/participation/data_requests.yaml`; every error names file, line, field.

bodies()["tangshan-joint-meeting"].size      -> 24
answer_days()                                -> 10
"""

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from songhe.core.definitions import (
    BOTH,
    BadDefinition,
    Day,
    Doc,
    Fault,
    Flag,
    Items,
    Map,
    Number,
    Text,
    check,
    checked,
    load_all,
)
from songhe.core.refusal import Refusal
from songhe.oversight.participation.models import KINDS, ROLES

FOLDER = Path(__file__).resolve().parents[2] / "definitions"
SCHEMA = {
    "id": Text(pattern=r"[a-z][a-z0-9-]{1,59}", shape="tangshan-joint-meeting"),
    "kind": Text(allowed=tuple(code for code, _ in KINDS)),
    "commitment": Text(required=False, pattern=r"R\d\d", shape="R37"),
    "title": BOTH,
    "source": Map({"title": Text(), "number": Text(required=False), "issuer": Text(), "date": Day()}),
    "convener": BOTH,
    "size": Number(whole=True, least=1, most=200, required=False),
    "groups": Items(Text(), least=0, required=False),
    "valid_from": Day(),
    "valid_to": Day(required=False),
    "members": Items(
        Map(
            {
                "unit": Text(),
                "role": Text(allowed=tuple(code for code, _ in ROLES)),
                "group": Text(required=False),
                "certainty": Text(allowed=("published", "presumed")),
            }
        )
    ),
}
REQUESTS = {
    "source": Map({"title": Text(), "date": Day(), "confirmed": Flag()}),
    "answer_days": Number(whole=True, least=1, most=250),
}


@dataclass(frozen=True)
class Shipped:
    """A body as a paper describes it: units, not persons. `members`: [{unit, role, group?, certainty}]."""

    name: str
    kind: str
    commitment: str
    title: dict
    source: dict
    convener: dict
    groups: tuple[str, ...]
    valid_from: date
    valid_to: date | None
    members: tuple[dict, ...]

    @property
    def size(self) -> int:
        return len(self.members)


def read(folder: Path | None = None) -> dict[str, Shipped]:
    """Every body by id. Raises BadDefinition: a size that the list does not have, a unit twice, a group not declared."""
    docs = load_all(folder or FOLDER / "bodies")
    faults = [fault for doc in docs for fault in _faults(doc)]
    if faults:
        raise BadDefinition(faults)
    return {doc.data["id"]: _shipped(doc.data) for doc in docs}


def _faults(doc: Doc) -> list[Fault]:
    faults = check(doc, SCHEMA)
    if faults:
        return faults
    data, out = doc.data, []
    members, size = data["members"], data.get("size")
    if size is not None and size != len(members):
        out.append(doc.fault(("size",), "size", f"写明 {size} 个成员，列出 {len(members)} 个。请补齐或改正。",
                             f"{size} members are announced, {len(members)} are listed. Complete or correct it."))  # fmt: skip
    seen: set[str] = set()
    for at, member in enumerate(members):
        if member["unit"] in seen:
            out.append(doc.fault(("members", at, "unit"), "unit_twice", f"“{member['unit']}”列了两次。", f"“{member['unit']}” stands twice."))  # fmt: skip
        seen.add(member["unit"])
        if member.get("group") and member["group"] not in (data.get("groups") or []):
            out.append(doc.fault(("members", at, "group"), "unknown_group", f"没有“{member['group']}”这个组。", f"There is no group “{member['group']}”."))  # fmt: skip
    return out


def _shipped(data: dict) -> Shipped:
    return Shipped(
        name=data["id"], kind=data["kind"], commitment=data.get("commitment") or "", title=data["title"],
        source=data["source"], convener=data["convener"], groups=tuple(data.get("groups") or ()),
        valid_from=data["valid_from"], valid_to=data.get("valid_to"), members=tuple(data["members"]),
    )  # fmt: skip


@cache
def bodies() -> dict[str, Shipped]:
    """The shipped bodies, read once a process."""
    return read()


def named(name: str) -> Shipped:
    if name not in bodies():
        raise Refusal("unknown_body", zh=f"没有名为“{name}”的机构定义。现有：{'、'.join(bodies())}。", en=f"There is no body “{name}”. There are: {', '.join(bodies())}.", field="definition")  # fmt: skip
    return bodies()[name]


@cache
def answer_days() -> int:
    """Working days within which a data request is answered."""
    return checked(FOLDER / "participation" / "data_requests.yaml", REQUESTS).data["answer_days"]
