"""How a programme's bulletin is laid out (`definitions/bulletins/*.yaml`) and the letters it ships with (`definitions/letters`)."""

from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

from songhe.core.definitions import BOTH, BadDefinition, Day, Items, Map, Text, check, load_all
from songhe.core.refusal import Refusal
from songhe.insight.indicators import definitions as indicators

SCHEMA = {
    "programme": Text(pattern=r"[a-z]+-\d{4}", shape="dingzhou-2023"),
    "place": Text(pattern=r"\d{6,12}", shape="130682"),
    "title": BOTH,
    "source": Map({"title": Text(), "number": Text(required=False), "date": Day()}),
    "begins": Day(),
    "organ": Text(),
    "mark": Text(),
    "word": Text(pattern=r"[一-鿿]{2,10}", shape="定民通报"),
    "to": Text(),
    "copies": Text(required=False),
    "printed_by": Text(),
    "table": Text(allowed=("county", "township", "village")),
    "sections": Items(Map({"title": Text(), "indicators": Items(Text())})),
    "words": Map({"opening": Text(), "next": Text(required=False)}),
}


@dataclass(frozen=True)
class Layout:
    """One programme's bulletin. `sections`: [{"title", "indicators"}]; `words` are what staff find when they start."""

    programme: str
    place: str
    title: dict
    source: dict
    begins: object
    organ: str
    mark: str
    word: str
    to: str
    printed_by: str
    table: str
    sections: list
    words: dict
    copies: str = ""

    @property
    def indicators(self) -> list[str]:
        """Every indicator in the order in which it is said."""
        return [name for section in self.sections for name in section["indicators"]]


def _folder(name: str) -> Path:
    return Path(str(resources.files("songhe.definitions"))) / name


def read(folder: Path | None = None) -> dict[str, Layout]:
    """Every layout by programme. Raises BadDefinition with all faults of all files."""
    faults, found = [], {}
    for doc in load_all(folder or _folder("bulletins")):
        wrong = check(doc, SCHEMA) or _unknown(doc)
        faults += wrong
        if not wrong:
            found[doc.data["programme"]] = Layout(**doc.data)
    if faults:
        raise BadDefinition(faults)
    return found


def _unknown(doc) -> list:
    known = indicators.shipped()
    return [
        doc.fault(("sections", at, "indicators", n), "unknown", f"没有指标“{name}”。现有：{'、'.join(known)}。",
                  f"No indicator “{name}”. There are: {', '.join(known)}.")
        for at, section in enumerate(doc.data["sections"])
        for n, name in enumerate(section["indicators"])
        if name not in known
    ]  # fmt: skip


@cache
def shipped() -> dict[str, Layout]:
    """The layouts in force."""
    return read()


def named(programme: str) -> Layout:
    """The layout of a programme; Refusal for one that has none."""
    try:
        return shipped()[programme]
    except KeyError:
        raise Refusal(
            "unknown_programme",
            zh=f"没有工程“{programme}”的通报样式。现有：{'、'.join(shipped())}。请核对名称，或在 definitions/bulletins 里加一个。",
            en=f"There is no bulletin layout for “{programme}”. There are: {', '.join(shipped())}. Check the name, or add one.",
            field="programme",
        ) from None


LETTER = {"kind": Text(allowed=("supervision", "reminder")), "title": Text(), "body": Text()}


@cache
def letters() -> dict[str, dict]:
    """The letters shipped, by kind: {"title", "body"} with 【fields】."""
    faults, found = [], {}
    for doc in load_all(_folder("letters")):
        wrong = check(doc, LETTER)
        faults += wrong
        if not wrong:
            found[doc.data["kind"]] = doc.data
    if faults:
        raise BadDefinition(faults)
    return found
