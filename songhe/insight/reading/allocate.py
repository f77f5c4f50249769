"""Shares of a target: "西城28个、南城22个", "A、B分别新建10个、8个", "其中…", "A镇、B镇各1所"."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache

from songhe.insight.reading.dates import When
from songhe.insight.reading.places import broad_names, named_institution, place_at_end
from songhe.insight.reading.quantities import Quantity
from songhe.insight.reading.sentence import Sentence
from songhe.insight.reading.vocabulary import either, vocabulary

SHARED = {"count", "people", "visits", "events", "money", "land", "length", "area"}
EACH_PLACE = re.compile(r"(?:每一?个?|各)(?:乡镇|镇街|街道|乡|镇|县|区|社区|村)(?:至少|不少于|设|建|有|$)")
SOURCES = re.compile(r"中央|省级|省补|财政|自筹|补[助贴]|配套|[县市省区]府|社会|捐|彩票|公益金|基金|个人|贷款|债券")
TAIL_CATEGORY = re.compile(
    r"(?:学|园|院|站|室|所|厅|堂|馆|店|房|床|位|员|人|户|车|屋|厕|路|桥|井|点|课|班|队|社|场|厂|库|台|机|灯|栏|梯|家|类|型|级|式|费|等|数|量|率|品|桩|址|具|生|师|工|者|岗|区|村|会|心|食|餐|金|增|建|造|办|展)$"
)


@dataclass
class Share:
    """What the list says of one quantity: the place or subject it belongs to."""

    place: str | None = None
    subject: str | None = None
    each_of: list[str] = field(default_factory=list)
    of_which: bool = False
    when: When | None = None


@cache
def _strip() -> tuple[re.Pattern, re.Pattern]:
    words = vocabulary().words
    verbs = either([*words["build_verbs"], *words["not_in_shares"]])
    return re.compile(rf"(?:{verbs})+$"), re.compile(
        r"^(?:其中|和|及|以及|与|包括|即|分别为|有|在|于(?![都洪田])|由|对|:|含|如|\()+"
    )


def shares(s: Sentence, known: Iterable[str] = (), own: Iterable[str] = ()) -> dict[int, Share]:
    """For each quantity (by index) that stands in a list: whose it is."""
    found: dict[int, Share] = {}
    _respectively(s, found, known)
    _named(s, found, known, own)
    _bare_names(s, found)
    _where_only(s, found)
    return found


def _where_only(s: Sentence, found: dict[int, Share]) -> None:
    """于北区增设1间: where one thing is done is no share of a whole, unless others are named beside it."""
    placed = [i for i, share in found.items() if share.place]
    if len(placed) != 1 or found[placed[0]].of_which:
        return
    i = placed[0]
    start, _ = s.clause(s.quantities[i].start)
    if re.search(rf"[于在]{re.escape(found[i].place or '')}", s.masked[start : s.quantities[i].start]):
        del found[i]


def _context(s: Sentence, i: int) -> tuple[str, int]:
    """The words that lead to quantity i back to the last delimiter, and where they start."""
    q = s.quantities[i]
    left = s.quantities[i - 1].end if i else 0
    piece = s.masked[left : q.comp_start]
    if piece.endswith("(") and s.masked[q.comp_end : q.comp_end + 1] == ")":
        piece = piece[:-1]  # 凤鸣街道(3个)
    cut = max((m.end() for m in re.finditer(r"[,、;:。()“”|]", piece)), default=0)
    return piece[cut:], left + cut


def _named(s: Sentence, found: dict[int, Share], known: Iterable[str], own: Iterable[str]) -> None:
    tail, head = _strip()
    for i, q in enumerate(s.quantities):
        if i in found or q.unit.kind not in SHARED | {"share"}:
            continue
        words, start = _context(s, i)
        words = words.strip("■")
        if EACH_PLACE.search(words) or re.match(r"(?:依托|借助|利用|整合|联合|委托|会同|通过|发挥)", words):
            continue  # 服务据点每一乡镇至少2处: every town's, no place's
        each = re.search(r"各(?:[\u4e00-\u9fff]{0,8})$", words)
        core = words
        for _ in range(4):
            core = tail.sub("", head.sub("", core))
        place = None
        for candidate in dict.fromkeys(
            (core, tail.sub("", head.sub("", words)), _verb_cut(words), _verb_cut(head.sub("", words)))
        ):
            candidate = re.sub(r"^(?:■|其中|[年月日])+", "", candidate)
            if len(candidate) < 2:
                continue
            place, subject = place_at_end(candidate, known)
            if place:
                break
        colon = re.search(r"([\u4e00-\u9fff]{2,12}):[^:。]{0,20}$", s.masked[: q.start])
        if not place and colon and q.start - colon.start() < 40:
            place, subject = place_at_end(colon.group(1), known)
        if (
            place in broad_names()
            and place != head.sub("", words)
            and "其中" not in s.masked[max(0, q.start - 30) : q.start]
        ):
            continue  # 城镇新增就业: a kind of thing, not a share of the towns
        if not place or place in own or re.sub("^.*[省]", "", place) in own:
            continue
        share = Share(place=place, subject=subject.strip() or None, of_which="其中" in s.masked[: q.start][-30:])
        if each:
            names = _names_before(s, start, place)
            if len(names) > 1:
                share.each_of = names
        found[i] = share


def _verb_cut(words: str) -> str:
    """The part before the first building verb: 定州市…老年公寓|设."""
    m = re.search(
        rf"(?:{either(vocabulary().words['build_verbs'])}|不少于|已|共|各|拟|计划|将|任务|承担|需)", words[2:]
    )
    return words[: m.start() + 2] if m else words


def _names_before(s: Sentence, start: int, last: str) -> list[str]:
    """A镇、B镇和C镇各…: every name of the enumeration that ends with `last`."""
    clause = s.clause(start)
    lead = s.masked[clause[0] : start]
    names = [re.sub(r"^(?:其中|在|由|为|将)", "", n) for n in re.split(r"[、和及与]", lead)]
    places = [p for n in names if n and (p := place_at_end(n)[0])]
    return [*places, last]


def _respectively(s: Sentence, found: dict[int, Share], known: Iterable[str]) -> None:
    """Zip the last k names before 分别 with the k quantities after it."""
    for m in re.finditer("分别", s.masked):
        after = [i for i, q in enumerate(s.quantities) if q.start >= m.end() and not q.base]
        run: list[int] = []
        for i in after:
            if run:
                between = s.masked[s.quantities[run[-1]].end : s.quantities[i].comp_start]
                if not re.fullmatch(
                    r"(?:以上|左右|以内)?[\u4e00-\u9fff]{0,6}(?:[、,和及与]|以上|左右|和|)?(?:和|不低于|不少于|达到|以上)?",
                    between,
                ):
                    break
            elif s.quantities[i].start - m.end() > 16:
                break
            run.append(i)
        if len(run) < 2:
            continue
        first = s.quantities[run[0]]
        if first.comp_start < first.start and first.explicit:  # 分别不低于60%、70%: the bound is said once for all
            for i in run[1:]:
                if not s.quantities[i].explicit:
                    s.quantities[i].comparator = first.comparator
        dates = [w for w in s.dates if w.role in ("by", "during") and w.start < m.start()]
        dates = [w for w in dates if w.start >= s.segment(m.start())[0]] or dates
        if len(dates) == len(run):
            for i, when in zip(run, dates, strict=True):
                found[i] = Share(when=when)
            continue
        names = _names(s, m.start(), len(run))
        if not names:
            continue
        for i, name in zip(run, names, strict=True):
            place, _before = place_at_end(_clean_name(name), known)
            found[i] = Share(place=place, subject=None if place else name)


def _clean_name(name: str) -> str:
    tail, head = _strip()
    return tail.sub("", head.sub("", name))


def _names(s: Sentence, at: int, count: int) -> list[str]:
    """The `count` names enumerated just before `at`, or 城/乡 for 城乡."""
    clause = s.clause(at)
    lead = s.masked[clause[0] : at]
    if not lead.strip("■"):
        before = s.clause_before(at)
        lead = s.masked[before[0] : before[1]] if before else lead
    parts = [p for p in re.split(r"[、和及与]|以及", lead) if p]
    if len(parts) < count and count == 2 and "城乡" in lead:
        return ["城市", "农村"]
    if len(parts) < count and clause[0] > 0:
        wider = re.split(r"[、和及与,]|以及", s.masked[s.segment(at)[0] : at])
        parts = [p for p in wider if p]
    if len(parts) >= count:
        return [re.sub(r"^\(?\d{1,2}[).、]", "", p.strip("■")) for p in parts[-count:]]
    if count == 2 and "城乡" in lead:
        return ["城市", "农村"]
    return []


def _bare_names(s: Sentence, found: dict[int, Share]) -> None:
    """海淀30个、朝阳25个、丰台20个: three or more short names in a row are places when nothing says they are things."""
    run: list[tuple[int, str]] = []

    def close() -> None:
        if len(run) >= 3 or (len(run) >= 2 and "其中" in s.masked[: s.quantities[run[0][0]].start][-12:]):
            for i, name in run:
                found.setdefault(i, Share(place=name))
        run.clear()

    for i, q in enumerate(s.quantities):
        words, start = _context(s, i)
        name = _strip()[1].sub("", words)
        plain = (
            re.fullmatch(r"[\u4e00-\u9fff]{2,4}", name)
            and not TAIL_CATEGORY.search(name)
            and not (q.unit.kind == "money" and SOURCES.search(name))
            and q.unit.kind in SHARED
            and not re.search(rf"(?:{either(vocabulary().words['build_verbs'])})", name)
        )
        joined = not run or (
            i == run[-1][0] + 1
            and start - s.quantities[i - 1].end <= 6
            and s.quantities[i - 1].unit.name == q.unit.name
        )
        if i in found or not plain:
            close()
            continue
        if not joined:
            close()
        run.append((i, name))
    close()


def institution_in(words: str) -> str | None:
    """A named institution at the start of a clause, whatever follows."""
    m = re.match(r"[\u4e00-\u9fff]{4,30}", words)
    return named_institution(m.group(0)) if m else None


def is_parent(q: Quantity, later: list[Quantity]) -> bool:
    """The parts add up to the whole."""
    parts = [o.value for o in later if o.unit.canonical == q.unit.canonical]
    return len(parts) >= 2 and abs(sum(parts) - q.value) < 1e-6
