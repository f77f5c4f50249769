"""What a quantity counts: the noun phrase behind it, or before it, or the heading above."""

import re
from functools import cache

from songhe.insight.reading.sentence import Sentence
from songhe.insight.reading.vocabulary import either, vocabulary

STOP = r"[,。;:、!?()“”■\d<>%]"


SINGLE = r"建(?![筑档制议])|设(?![施备计区])|创(?![业新])|办(?![公事学])|增(?!值)"
ENDS_HERE = re.compile(
    r"(?:开展|提供|负责|参加|完成|建设(?!项目|用地)|任务|给予|投入|用于|投用|以上|以内|左右|,|。|并|均|已|达到|覆盖|组织|实现|进行|为|在|的?目标)"
)


ACT_ROUND = re.compile(
    r"^.*?每(?:[两一]?个?[周月年天日]|季度?|半年|个?星期|学[期年]|自?然?月)度?|^(?:至少|要|应|再|和|及|各|均|需)+|(?:要|应|至少|各|均|再|开展|组织|举办|进行|实施)+$|^(?:开展|组织|举办|进行)"
)


@cache
def _verbs() -> tuple[re.Pattern, re.Pattern]:
    words = vocabulary().words
    longer = [w for w in [*words["build_verbs"], *words["not_in_subjects"]] if w not in ("建", "设", "创", "办", "增")]
    verbs = f"{either(longer)}|{SINGLE}"
    return re.compile(rf"(?:{verbs})+$"), re.compile(rf"^(?:{verbs})+")


def subject_of(s: Sentence, i: int) -> str:
    """The subject of the i-th quantity; "" when the sentence names none."""
    q = s.quantities[i]
    right = right_of(s, i)
    left = _left(s, i)
    heads = vocabulary().nouns["heads"]
    ends = re.compile(rf"(?:{either(heads)})(?:数|数量|总数|总量)?$")
    if q.unit.kind == "share":
        return left or right
    if right and (ends.search(right) or not left):
        return right
    if left and ends.search(left):
        return left
    return right or left


def right_of(s: Sentence, i: int) -> str:
    """The noun phrase behind the number, or ""."""
    q = s.quantities[i]
    end = s.quantities[i + 1].start if i + 1 < len(s.quantities) else len(s.chars)
    tail = s.masked[max(q.end, q.comp_end) : end]
    tail = re.sub(r"^(?:以上|左右|以内|及以上|以下)?的?", "", tail)
    m = re.match(r"((?:[\u4e00-\u9fff·A-Za-z+]|\([\u4e00-\u9fff、]{1,6}\))+)", tail)
    if not m:
        return ""
    words = m.group(1)
    stop = ENDS_HERE.search(words)
    words = words[: stop.start()] if stop and stop.start() > 1 else ("" if stop else words)
    return words[:30] if len(words) > 1 else ""


def _left(s: Sentence, i: int) -> str:
    q = s.quantities[i]
    start, _ = s.clause(q.start)
    start = max(start, s.quantities[i - 1].end if i else 0)
    words = re.split(r"[、,;:。■|]", s.masked[start : q.comp_start])[-1]
    tail, head = _verbs()
    words = re.sub(r"\(\)$", "", words)
    if q.unit.kind in ("events", "visits"):  # 每周上门探访不少于2次: what is done is the subject
        return ACT_ROUND.sub("", words)[-30:]
    for _ in range(3):
        words = tail.sub("", words)
    words = head.sub("", words)
    last = max(
        (
            m.end()
            for m in re.finditer(
                r"(?:新建|改建|扩建|改扩建|建设|建成|打造|创建|完成|发展|培育|组建|设立|举办|为|将|在)", words
            )
        ),
        default=0,
    )
    phrase = words[last:] if len(words) - last >= 2 else words
    return phrase.strip("的")[-30:]
