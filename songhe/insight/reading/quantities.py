"""Numbers with their units in one sentence, and how each is bounded: 不少于15家 → 15 家 ">=".

A number becomes a quantity only with a unit from units.yaml; document numbers, ages, ordinals, hotlines and names are masked first.
"""

import itertools
import re
from dataclasses import dataclass
from functools import cache

from songhe.insight.reading.numerals import ARABIC, CHINESE, DIGITS, arabic_number, chinese_number, tidy
from songhe.insight.reading.vocabulary import Unit, either, vocabulary

MASKS = [
    re.compile(p)
    for p in [
        r"《[^《》]{1,120}》",
        r"[\u4e00-\u9fffA-Za-z]{1,12}[〔\[(【](?:19|20)\d\d[〕\])】]\d{0,5}号?",
        r"[〔\[](?:19|20)\d\d[〕\]]\d{0,5}号?",
        r"第[\d一二三四五六七八九十百]{1,6}(?!季|[\d一二三四五六七八九十百])(?:号|条|章|款|届|次|批|期|阶段|版|名|位|项|个|部分|节|轮|代|类|页|方|产业)?",
        r"[一二三四五六七八九十\d]{1,3}届[一二三四五六七八九十\d]{0,3}(?:次|中)",
        r"[一二三四五六七八九十\d]{1,3}届(?:全国|省|市|县|区)?(?:人大|政协|党代会|人民代表大会)?(?:常委会)?[一二三四五六七八九十\d]{0,3}次(?:全体)?会议",
        r"(?<![至到\d])\d{3,5}(?:热线|平台|专线|电话|服务热线)",
        r"\d{1,2}:\d\d(?::\d\d)?",
        r"\d{1,3}(?:-|至|到|~|—)?\d{0,3}(?:周?岁|周岁)(?:\(含\)|\(含[^)]{1,6}\))?(?:及?以[上下内]|至\d{1,3}周?岁)?",
        r"[0-9一两二三四五六七八九十]{1,3}(?:岁|年级|星级|星|A级|级|室|居|厅|胎|孩)(?:以上|以下|及以上|及以下)?",
        r"(?:\d{1,3}|[一二三四五六七八九十两]{1,3})(?:分钟|公里|刻钟|小时)[^,。;、]{0,14}?圈",
        r"一刻钟",
        r"(?:7\s?[×xX*]\s?24|24)小时(?!内|之内|以内)",
        r"[“\"][^“”\",。;!?]{0,14}?[\d一二三四五六七八九十两百][^“”\",。;!?]{0,14}?[”\"]",
        r"(?<![\d.])\d{1,2}\+[\d\w+]{1,8}",
        r"\d{1,3}[::]\d{1,3}",
        r"附[件表]\s?\d{1,2}|[表图]\s?\d{1,2}(?![\d%])",
        r"[GSXYCK]\d{2,4}(?!\d)",
        r"[3-6]G(?![a-zA-Z])",
        r"[0-9一二三四五六七八九十]+(?:号线|号楼|号院|号文|号令|号|路公交|路)(?![\u4e00-\u9fff]{0,2}[桩码])",
        r"(?:老|新|前|后|首|头|双|这|那|其|任何|某|另|同|上|下|哪|有|无|唯|统)一(?:个|家|次|项|批|户|处|名|位|所|座|种)?",
        r"[两三四五六七八九]个(?:维护|意识|自信|确立|一百年|全面|环境|文明|转变|结合|一体化|关键|一批|统筹|就地|责任|体系|清单|一律|必须|不放过|覆盖|必谈|必访)",
        r"一[人户事村校镇街企园区院乡站点县岗][一]?[档策案卡册品业表图码员证网单议特制]",
        r"[一二两三四五六七八九十]老一小|一老一小|一办[一二三四五六七八九]组|[一二三四五六七八九]级书记",
        r"每[二两三四五六七八九十]{1,3}(?:名|位|户|人|张|床)(?=[\u4e00-\u9fff])|每[十百千万]{1,2}(?:名|个|位|户|人|张)?|每\d{1,6}(?:[-至]\d{1,6})?(?:张|名|个|位|人|户|平方米|公里|万|千|百)?(?=[\u4e00-\u9fff])",
        r"\d{1,3}项(?:民心|民生|惠民|为民)[\u4e00-\u9fff]{0,3}(?:工程|实事|项目)|[一二三四五六七八九十]{1,3}[项件](?:民心|民生|惠民|为民)[\u4e00-\u9fff]{0,3}(?:工程|实事|项目)",
        r"\d{1,3}件(?:民生|惠民|为民)?[\u4e00-\u9fff]{0,2}实事",
        r"(?:前|后|末|倒数)[\d一二两三四五六七八九十]{1,3}[名位]",
        r"\d{1,3}(?:个|项|大)(?=\d{1,3}%)",
        r"0?-?\d?[至-]\d{1,2}(?=岁)",
        r"(?<=[a-zA-Z])\d{1,4}(?![\d%万亿])",
    ]
]
LOST_YEAR = re.compile(r"(?<![\d.,])(20[0-3]\d)(\d{1,4})(?=[项个件家所处张名户座万])")
SUFFIX_NOUN = r"(?:[\u4e00-\u9fff]{1,8}?)?"


@dataclass
class Quantity:
    """A number and its unit in chars[start:end]; `value` is in the base unit (5.6万 → 56000)."""

    start: int
    end: int
    value: float
    unit: Unit
    comparator: str = "="
    value_max: float | None = None
    comp_start: int = 0
    comp_end: int = 0
    chinese: bool = False
    note: str | None = None
    explicit: bool = False
    base: bool = False


@cache
def _patterns() -> tuple[re.Pattern, re.Pattern, re.Pattern, re.Pattern]:
    known = vocabulary()
    units = either(known.units)
    scale = either(known.multipliers)
    num = rf"(?:{ARABIC}|{CHINESE})"
    simple = re.compile(
        rf"(?P<n>{ARABIC}|{CHINESE})(?P<more1>余|多)?(?P<scale>{scale})?(?P<more2>余|多)?"
        rf"(?P<mid>[-—~至到](?P<n2>{ARABIC}|{CHINESE})(?P<scale2>{scale})?)?(?P<unit>{units})(?P<more3>余|多)?"
    )
    ranged = re.compile(
        rf"(?P<n>{ARABIC}|{CHINESE})(?P<scale>{scale})?(?P<unit>{units})(?:[-—~至到])(?P<n2>{ARABIC}|{CHINESE})(?P<scale2>{scale})?(?P<unit2>{units})"
    )
    share = re.compile(
        r"百分之(?P<p>[零〇一二两三四五六七八九十百点]{1,10})(?:(?:至|到)百分之(?P<p2>[零〇一二两三四五六七八九十百点]{1,10}))?"
        r"|(?P<den>[二三四五六七八九十百]{1,3})分之(?P<nom>[一二两三四五六七八九十]{1,3})"
        r"|(?P<nom2>[1-9])/(?P<den2>[2-9]|10)(?=以上|以下|左右|[,。;、)]|$|的)"
        r"|(?P<ten>[一二三四五六七八九\d])成(?P<half>半|[一二三四五六七八九])?(?=[以左的,。;、)]|$)|(?P<h>一半|半数)(?=以上|左右|的|[,。;])"
    )
    return simple, ranged, share, re.compile(num)


def mask(chars: str) -> tuple[str, list[tuple[int, int]]]:
    """The sentence with everything that is not a count blotted out (same length), and the stretches."""
    stretches: list[tuple[int, int]] = []
    out = chars
    for pattern in MASKS:
        for m in pattern.finditer(out):
            stretches.append(m.span())
        out = pattern.sub(lambda m: "■" * (m.end() - m.start()), out)
    return out, stretches


def find_quantities(chars: str, masked: str) -> list[Quantity]:
    """Every quantity in order. `masked` has dates and traps blotted out; `chars` is the sentence itself."""
    simple, ranged, share, _ = _patterns()
    found: list[Quantity] = []
    taken = bytearray(len(masked))
    for m in ranged.finditer(masked):
        _take_range(m, found, taken)
    for m in share.finditer(masked):
        if not any(taken[m.start() : m.end()]):
            _take_share(m, found, taken)
    for m in simple.finditer(masked):
        if not any(taken[m.start() : m.end()]):
            _take_simple(m, masked, chars, found, taken)
    found += _unit_at_the_end(masked, found)
    found.sort(key=lambda q: q.start)
    for i, q in enumerate(found):
        _bound(masked, q, found[i - 1].end if i else 0, found[i + 1].start if i + 1 < len(found) else len(masked))
    _superseded(masked, found)
    return found


BARE = re.compile(r"(?:分别|依次|各为)[^,。;\d]{0,16}?(?P<list>(?:\d{1,6}(?:\.\d+)?[、和及])+)$")


def _unit_at_the_end(masked: str, found: list[Quantity]) -> list[Quantity]:
    """分别承办3、2、2场: the numbers before the last share its unit."""
    more = []
    for q in found:
        m = BARE.search(masked[max(0, q.start - 60) : q.start])
        if m and q.value_max is None:
            base = max(0, q.start - 60) + m.start("list")
            for n in re.finditer(r"\d+(?:\.\d+)?", m["list"]):
                last = re.match(r"[\d.,]+", masked[q.start : q.end])
                scale = q.value / float(last.group(0).replace(",", "")) if last and q.value else 1
                more.append(Quantity(base + n.start(), base + n.end(), tidy(float(n.group(0)) * scale), q.unit))
    return more


def _number(words: str) -> float | None:
    if words[0].isdigit():
        return arabic_number(words)
    return chinese_number(words)


def _scaled(words: str, scale: str | None) -> float | None:
    value = _number(words)
    if value is None:
        return None
    return tidy(value * (vocabulary().multipliers[scale] if scale else 1))


def _take_range(m: re.Match, found: list, taken: bytearray) -> None:
    units = vocabulary().units
    low, high = _scaled(m["n"], m["scale"] or m["scale2"]), _scaled(m["n2"], m["scale2"])
    if low is None or high is None or units[m["unit"]].canonical != units[m["unit2"]].canonical or low > high:
        return
    found.append(Quantity(m.start(), m.end(), low, units[m["unit2"]], value_max=high))
    taken[m.start() : m.end()] = b"\1" * (m.end() - m.start())


def _take_share(m: re.Match, found: list, taken: bytearray) -> None:
    value_max = None
    if m["p"]:
        value, value_max = _decimal(m["p"]), _decimal(m["p2"]) if m["p2"] else None
    elif m["den"]:
        den, nom = chinese_number(m["den"]), chinese_number(m["nom"])
        value = round(nom / den * 100, 2) if den and nom and nom < den else None
    elif m["den2"]:
        value = round(int(m["nom2"]) / int(m["den2"]) * 100, 2) if int(m["nom2"]) < int(m["den2"]) else None
    elif m["ten"]:
        value = (int(m["ten"]) if m["ten"].isdigit() else DIGITS[m["ten"]]) * 10
        value += 5 if m["half"] == "半" else DIGITS.get(m["half"] or "", 0)
    else:
        value = 50
    if value is None:
        return
    found.append(Quantity(m.start(), m.end(), tidy(value), vocabulary().units["%"], value_max=value_max, chinese=True))
    taken[m.start() : m.end()] = b"\1" * (m.end() - m.start())


def _decimal(words: str) -> float | None:
    whole, _, rest = words.partition("点")
    value = chinese_number(whole)
    if value is None:
        return None
    return tidy(float(f"{value}.{''.join(str(DIGITS.get(w, 0)) for w in rest)}")) if rest else value


def _take_simple(m: re.Match, masked: str, chars: str, found: list, taken: bytearray) -> None:
    known = vocabulary()
    start, unit = m.start(), known.units[m["unit"]]
    end = m.end()
    chinese = not m["n"][0].isdigit()
    if m["mid"] and chinese != (not m["n2"][0].isdigit()):
        return
    before, after = masked[start - 1 : start], chars[end : end + 6]
    value = _scaled(m["n"], m["scale"] or (m["scale2"] if m["mid"] else None))
    high = _scaled(m["n2"], m["scale2"]) if m["mid"] else None
    if value is None or (high is not None and high < value):
        return
    words = known.words
    note = None
    lost = LOST_YEAR.match(masked, start)
    if lost and not chinese and len(m["n"]) >= 5 and "," not in m["n"] and int(m["n"][:4]) >= 2010:
        note = "lost_year"
    if _not_a_count(m, unit, before, after, chinese, value, words):
        return
    if " " in m["n"].strip():
        note = "spaced"
    if unit.canonical == "米" and re.search("面积", masked[max(0, start - 14) : start]):
        unit, note = known.units["平方米"], "lost_square"
    q = Quantity(start, end, value, unit, value_max=high, chinese=chinese, note=note)
    if m["more1"] or m["more2"] or m["more3"]:
        q.comparator, q.explicit = "about", True
    found.append(q)
    taken[start:end] = b"\1" * (end - start)


def _not_a_count(m: re.Match, unit: Unit, before: str, after: str, chinese: bool, value: float, words: dict) -> bool:
    if before and (before in "第■.+#" or (before.isdigit() and not m["n"][0].isspace())):
        return before != "■" or chinese
    if unit.kind in ("age", "grade"):
        return True
    nouns = words["not_counted_nouns"]
    if unit.name in ("个", "项", "种", "大", "条", "件") and any(after.startswith(n) for n in nouns):
        return True
    if unit.name in ("项", "件", "条", "类") and (
        (before == "(" and after[:1] == ")")
        or re.match(r"[^,。;、\d]{0,8}(?:实事|民心工程)", m.string[m.end() : m.end() + 12])
    ):
        return True
    if unit.name == "件" and re.match(r"[大小好实要难喜]?事(?![业故务件])", after):
        return True
    if unit.name in ("项", "条") and any(after.startswith(n) for n in words["not_counted_items"]):
        return True
    if unit.name == "个" and after and after[0] in "人体别性案月小工" and after[:2] not in words["things_after_ge"]:
        return after[:2] not in ("小时", "工作")
    rules = known_rules()
    if unit.name in rules["never"] or (chinese and unit.name in rules["never_in_chinese_numerals"]):
        return True
    joins = rules["not_before"].get(unit.name, "") + (
        rules["not_before_in_chinese_numerals"].get(unit.name, "") if chinese else ""
    )
    return bool(after[:1]) and after[:1] in joins


def known_rules() -> dict:
    """Which units make no count before which characters (units.yaml, not_counts)."""
    return vocabulary().not_counts


@cache
def _bounds() -> tuple[re.Pattern, re.Pattern, re.Pattern, re.Pattern, dict[str, str], dict[str, str]]:
    comp = vocabulary().words["comparators"]
    before = {w: op for op, ws in comp["before"].items() for w in ws}
    after = {w: op for op, ws in comp["after"].items() for w in ws}
    tight = re.compile(
        rf"(?P<w>{either(before)})(?:了|到|为|有|在|于|建成|建设|新建|新增|完成|打造|其)?(?:每[\u4e00-\u9fff]|■){{0,5}}$"
    )
    loose = re.compile(rf"(?P<w>{either(vocabulary().words['before_the_verb'])})(?P<v>[^,。;:、■%\d]{{1,14}})$")
    of_whole = re.compile(r"(?P<w>不低于|不高于|不少于|不超过|超过|高于|低于)(?P<v>[\u4e00-\u9fff■]{1,10}的)$")
    behind = re.compile(rf"^(?P<w>{either(after)})")
    return tight, loose, of_whole, behind, before, after


def _bound(masked: str, q: Quantity, left: int, right: int) -> None:
    """Read 不少于 / 以上 / 左右 round the number."""
    tight, loose, of_whole, behind, before_ops, after_ops = _bounds()
    q.comp_start, q.comp_end = q.start, q.end
    ahead = masked[max(left, q.start - 14) : q.start]
    follow = masked[q.end : min(right, q.end + 8)]
    m = behind.match(follow)
    if m and not (m["w"] == "内" and q.unit.kind not in ("time",)) and not (m["w"] == "起" and q.unit.kind != "money"):
        q.comparator, q.comp_end, q.explicit = after_ops[m["w"]], q.end + m.end(), True
    elif q.unit.kind != "time":
        m2 = re.match(r"^((?!以)[\u4e00-\u9fff]){1,7}?(以上|左右|以内)(?=[,。;、)]|$)", follow)
        if m2 and not re.search("[的和或达到]", m2.group(0)):
            q.comparator, q.explicit = after_ops[m2.group(2)], True
            q.comp_end = q.end + m2.end()
    m = tight.search(ahead)
    if m:
        op = before_ops[m["w"]]
        start = q.start - len(ahead) + m.start()
        if op == "=" and q.explicit:
            q.comp_start = start
            return
        if op == "about" and q.comparator in (">=", "<="):
            return
        if m["w"] in ("超", "近", "最低", "最高", "最多") and re.search(
            r"[附临靠接最]近$|赶超$", masked[: q.start][-3:]
        ):
            return
        if m["w"] in ("低于", "小于", "少于", "高于", "大于") and masked[start - 1 : start] == "不":
            op = ">=" if op == "<=" else "<="
        q.comparator, q.comp_start = op, start
        q.explicit = q.explicit or op != "="
        return
    m = loose.search(ahead) or of_whole.search(ahead)
    if m and not q.explicit:
        q.comparator, q.comp_start, q.explicit = before_ops.get(m["w"], ">="), q.start - len(ahead) + m.start(), True


def _superseded(masked: str, found: list[Quantity]) -> None:
    """由原来的80元提高到100元: the first figure is superseded and only the second stands."""
    words = vocabulary().words
    raised = either(words["raised_to"])
    for q, following in itertools.pairwise(found):
        between = masked[q.end : following.start]
        if len(between) > 24 or not re.search(rf"(?:{raised})(?:约|近|超过|不低于)?$", between):
            continue
        lead = masked[max(0, q.start - 24) : q.start]
        if re.search(r"(?:由|从|原来?的?|自|现行的?)[^,。;]{0,22}$", lead) or re.match(
            r"[^,。;]{0,6}(?:" + raised + ")", between
        ):
            q.base = True
