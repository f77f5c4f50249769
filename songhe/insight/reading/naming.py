"""What an item is about and how surely: its subject's own words, its scope, its modality, and what is doubtful in its digits."""

import re
from collections.abc import Iterable

from songhe.insight.reading.items import Item, Warn
from songhe.insight.reading.quantities import Quantity
from songhe.insight.reading.sentence import Sentence
from songhe.insight.reading.vocabulary import either, vocabulary

SCOPE = re.compile(
    r"(?:各(?![类项级自])|每个?(?![周月季年半天日旬学次期])|每所|每家|每处)[\u4e00-\u9fff、]{1,10}?(?:\([\u4e00-\u9fff、]{1,8}\))?(?=至少|不少于|不低于|都|均|每|建|配|新|创|选|组|开|安|设|培|打|达|[,。;]|\d|■|$)"
)
EACH_PLACE = r"(?:每一?个?|各个?)(?:行政村|村街|村|社区|乡镇|镇街|街道|乡|镇|县|区|县区|学校|场所)(?:\([\u4e00-\u9fff、]{1,8}\))?"
AT_AN_END = re.compile(rf"^{EACH_PLACE}|{EACH_PLACE}$")
BATCH = re.compile(r"(?:创建|打造|建立|建设|培育|发展|形成|组建|选树|推出)一批([\u4e00-\u9fff]{2,14}?)(?=[(,。;、]|$)")


def own_words(subject: str) -> str:
    """The subject without the places it is set for: 农村互助幸福院各乡镇 → 农村互助幸福院, 每个村街(社区) → ""."""
    return AT_AN_END.sub("", subject).strip("的、")


def batch_before(words: str) -> str:
    """打造一批惠老家政企业,…培育不少于3家: what was announced as 一批 and counted later."""
    found = BATCH.findall(words)
    return found[-1] if found else ""


def scope_of(s: Sentence, q: Quantity, own_places: Iterable[str]) -> str | None:
    """Whom the number holds for: 各乡镇, 每个社区, or the paper's own city."""
    start, end = s.clause(q.start)
    clause = s.masked[start:end]
    m = SCOPE.search(clause)
    if m:
        return m.group(0)
    whole = re.search(either(vocabulary().words["whole"]), s.masked[: q.start])
    place = min(own_places, key=len, default=None)
    return (
        place
        if not whole or (whole.group(0) in ("全市", "全县", "全区", "我市", "我县", "我区") and place)
        else whole.group(0)
    )


def modality_of(s: Sentence, q: Quantity) -> str | None:
    """力争, 原则上 …: the last word of the kind before the number."""
    lead = s.masked[: q.start]
    best, where = None, -1
    for name, ws in vocabulary().words["modality"].items():
        at = max((lead.rfind(w) for w in ws), default=-1)
        if at > where:
            best, where = name, at
    return best


def confidence(q: Quantity, item: Item) -> float:
    """How far the reader trusts the item, 0 to 1."""
    score = 0.95
    score -= 0.15 if q.chinese else 0
    score -= 0.35 if q.note else 0
    score -= 0.1 if not item.subject else 0
    return round(score, 2)


def doubts(s: Sentence, q: Quantity, item: Item) -> list[Warn]:
    """A warning for digits that were lost or spaced."""
    span, words = [(item.start, item.end)], s.chars[q.start : q.end]
    if q.note == "lost_square":
        return [Warn("lost_square", span, {"words": words, "read": f"{q.value}平方米"})]
    code = {"lost_year": "lost_digits", "spaced": "spaced_number"}.get(q.note or "")
    return [Warn(code, span, {"words": words})] if code else []
