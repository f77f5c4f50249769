"""Is this name a place or an institution of its own (西城区街道, 叮咛店…老年公寓), or only a kind (各乡镇, 社区服务站)?"""

import re
from collections.abc import Iterable
from functools import cache

from songhe.insight.reading.vocabulary import either, vocabulary

NOT_NAMES = re.compile(
    r"^(?:为|给|各|每|全|所有|本|该|我|其他|其余|其它|部分|一些|多个|有条件|符合|重点|一批|城市|农村$|城镇|中心城|主城|新建|试点|改造|完成|建设|覆盖|实现|打造|创建|辖区|在|对|向|从|将|把|以)|(?:下乡|进村|入村|到村|驻村|回乡|返乡|下沉社区|进社区|还乡|离乡|支农|入社区)$"
)


EACH_KIND = re.compile(r"(?:每一?个?|各)(?:乡镇|镇街|街道|乡|镇|县|区|市|社区|村|里|行政区|县区|县市)$")
KEEP = frozenset(("示范区", "开发区", "产业园区", "功能区", "旅游区", "服务区"))
VERBS = re.compile(
    r"新建|改建|扩建|建设|建成|改造|开工|完成|打造|创建|培育|覆盖|实现|整治|提升|新增|发展|推进|开展|组织|启动|评选|选树|命名|支持|鼓励|涉及|惠及|不少于|不低于|达到|超过|至少|老旧|全部|其中|选择|确定|认定|申报|试点|竣工|交付|验收|整合|撤并|实施"
)
OTHERS = re.compile(
    r"(?:其他|其余|其它)(?:各)?(?:乡镇|街道|镇街|县区|区县|县|区|社区|村|镇|地区|市县|县市区|乡镇街道|镇\(街道\)|县\(市、区\))"
)


@cache
def _patterns() -> tuple[re.Pattern, re.Pattern, re.Pattern, frozenset, frozenset]:
    nouns = vocabulary().nouns
    endings, inst = nouns["places"]["endings"], nouns["institutions"]
    heads = [h for h in nouns["heads"] if h not in ("社区", "街道", "镇", "户", "村", "园区", "群众", "家庭")]
    place = re.compile(rf"[\u4e00-\u9fff·]{{1,16}}(?:{either(endings)})(?:\([\u4e00-\u9fff]{{1,8}}\))?")
    institution = re.compile(rf"[\u4e00-\u9fff·]{{2,28}}(?:{either(inst)})")
    return (
        place,
        institution,
        re.compile(either([*heads, *nouns["describing"]])),
        frozenset(nouns["places"]["generic"]),
        frozenset(nouns["places"]["broad"]),
    )


@cache
def _tails() -> tuple[re.Pattern, re.Pattern]:
    nouns = vocabulary().nouns
    return re.compile(rf"(?:{either(nouns['places']['endings'])})$"), re.compile(
        rf"(?:{either(nouns['institutions'])})$"
    )


def broad_names() -> frozenset[str]:
    """城区, 农村, 市本级: shares without a name of their own."""
    return _patterns()[4]


def named_place(words: str, known: Iterable[str] = ()) -> str | None:
    """The place named by these words as a whole, or None for a kind of place.

    >>> named_place("西城区街道"), named_place("各乡镇"), named_place("城市社区")
    ('西城区街道', None, None)
    """
    place, _, _, generic, _ = _patterns()
    if words in known or OTHERS.fullmatch(words):
        return words
    bare = re.sub(r"\(.*\)$", "", words)
    if EACH_KIND.search(bare):
        return None
    if bare in generic or NOT_NAMES.search(bare) or not place.fullmatch(words):
        return None
    if any(bare.endswith(kind) for kind in generic if len(kind) >= 3 and kind not in KEEP):
        return None
    stem = _tails()[0].sub("", bare)
    if not stem or not _left_over(stem) or VERBS.search(stem):
        return None
    return words


def named_institution(words: str) -> str | None:
    """The institution named by these words, or None for a kind of institution."""
    _, institution, _, _, _ = _patterns()
    if NOT_NAMES.search(words) or not institution.fullmatch(words):
        return None
    if re.match(
        r"^(?:市|县|区|省)(?:第[一二三四五六七八九十]+)?(?:人民|中心|中|妇幼|福利|社会福利|实验|职业|职教|传染|精神|老年|康复|图书|文化|博物|体育|儿童)",
        words,
    ):
        return words
    stem = _tails()[1].sub("", words)
    has_place = re.search(r"[\u4e00-\u9fff]{2,}?(?:市|县|区|镇|乡|街道|村|路|山|河|州)|第[一二三四五六七八九十]", stem)
    if has_place and len(_left_over(stem)) >= 2:
        return words
    return (
        words
        if len(_left_over(stem)) >= 2
        and len(stem) >= 3
        and re.search(
            r"(?:镇|乡|店|庄|家|岗|桥|河|湖|山|城|口|屯|堡|集|营|湾|塘|沟|坡|岭|泉|阳|阴|安|宁|平|兴|华|福|康|德|仁|爱|和|瑞|泰)",
            stem,
        )
        else None
    )


def _left_over(stem: str) -> str:
    """What remains of a stem when every describing word is taken out."""
    words = either(vocabulary().nouns["describing"])
    return re.sub(rf"(?:{words})", "", stem)


def place_at_end(words: str, known: Iterable[str] = ()) -> tuple[str | None, str]:
    """Split "社区日间照料服务站西城区街道" into the place and the subject before it.

    Returns (place or None, what stands before it).
    """
    for name in known:
        if words.endswith(name):
            return name, words[: -len(name)]
    whole = named_place(words) if len(words) <= 16 else None
    split = _after_head(words)
    if split:
        place = named_place(words[split:], known)
        if place:
            return place, words[:split]
    if whole:
        return whole, ""
    inst = named_institution(words) if len(words) <= 32 else None
    if inst:
        return inst, ""
    broad = _patterns()[4]
    for name in sorted(broad, key=len, reverse=True):
        if words == name:
            return name, ""
    return None, words


def _after_head(words: str) -> int | None:
    """Where the last kind noun ends inside the words: 服务站|西城区街道."""
    nouns = vocabulary().nouns
    heads = [
        h
        for h in nouns["heads"]
        if h
        not in (
            "社区",
            "街道",
            "镇",
            "户",
            "村",
            "园区",
            "群众",
            "家庭",
            "点",
            "林",
            "井",
            "会",
            "车",
            "院",
            "所",
            "站",
            "率",
            "园",
        )
    ]
    best = None
    for m in re.finditer(either([*heads, "服务站", "卫生站", "托育点", "助餐点"]), words):
        if 0 < m.end() < len(words) - 1:
            best = m.end()
    return best
