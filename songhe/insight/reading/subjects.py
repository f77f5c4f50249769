"""What a quantity counts: the noun phrase behind it, or before it, or the heading above."""

import re
from functools import cache

from songhe.insight.reading.sentence import Sentence
from songhe.insight.reading.vocabulary import either, vocabulary

STOP = r"[,。;:、!?()“”■\d<>%]"


@cache
def _verbs() -> tuple[re.Pattern, re.Pattern, re.Pattern]:
    words = vocabulary().words
    verbs = either([*words["build_verbs"], "签约", "达到", "实现", "力争", "争取", "计划", "确保", "共", "约", "其中", "累计", "已", "全市", "全县", "全区", "将", "拟", "再", "总数", "数量", "数", "达", "为", "设", "各", "均", "每年", "每月", "每周", "每季度", "每半年", "至少", "以上", "要", "应", "须", "在", "有", "为", "占比达", "在全市", "不少于", "分别", "总量", "需", "有了", "了", "开展", "提高到", "一般", "和", "并", "及", "等", "对", "由", "的"])
    return re.compile(rf"(?:{verbs})+$"), re.compile(rf"^(?:{verbs})+"), re.compile(r"(?:开展|提供|负责|参加|完成|建设(?!项目|用地)|任务|给予|投入|用于|投用|以上|以内|左右|,|。|并|均|已|达到|覆盖|组织|实现|进行|为|在|的?目标)")


def subject_of(s: Sentence, i: int) -> str:
    """The subject of the i-th quantity; "" when the sentence names none."""
    q = s.quantities[i]
    right = _right(s, i)
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


def _right(s: Sentence, i: int) -> str:
    q = s.quantities[i]
    end = s.quantities[i + 1].start if i + 1 < len(s.quantities) else len(s.chars)
    tail = s.masked[max(q.end, q.comp_end):end]
    tail = re.sub(r"^(?:以上|左右|以内|及以上|以下)?的?", "", tail)
    m = re.match(r"((?:[\u4e00-\u9fff·A-Za-z+]|\([\u4e00-\u9fff、]{1,6}\))+)", tail)
    if not m:
        return ""
    words = m.group(1)
    stop = _verbs()[2].search(words)
    words = words[:stop.start()] if stop and stop.start() > 1 else ("" if stop else words)
    return words[:30] if len(words) > 1 else ""


def _left(s: Sentence, i: int) -> str:
    q = s.quantities[i]
    start, _ = s.clause(q.start)
    start = max(start, s.quantities[i - 1].end if i else 0)
    words = re.split(r"[、,;:。■|]", s.masked[start:q.comp_start])[-1]
    tail, head, _ = _verbs()
    words = re.sub(r"\(\)$", "", words)
    for _ in range(3):
        words = tail.sub("", words)
    words = head.sub("", words)
    last = max((m.end() for m in re.finditer(r"(?:新建|改建|扩建|改扩建|建设|建成|打造|创建|完成|发展|培育|组建|设立|举办|为|将|在)", words)), default=0)
    phrase = words[last:] if len(words) - last >= 2 else words
    return phrase.strip("的")[-30:]
