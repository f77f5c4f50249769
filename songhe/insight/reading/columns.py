"""Column names from the headings of a table, whole, or broken into pieces by a PDF."""

import re
from dataclasses import dataclass

from songhe.insight.reading.vocabulary import vocabulary

LABELS = re.compile(
    r"^(?:序号|编号|镇|乡|县|区|市|街镇|乡镇街|乡\(镇\)|镇\(乡\)|镇街道|镇\(街道\)|乡镇\(街道\)|镇街|镇街名称|乡镇|街道|乡镇街道|县\(市、区\)|县\(区\)|县市区|县区|区县|区\(县\)|地区|单位|单位名称|名称|机构名称|学校名称|社区|村|区域|市县|市州|各区|各县市区|县别|所属(?:乡镇|县区)|建设单位|实施单位|责任单位|备注|乡镇名称|街道名称|区划|行政区划|市\(县\)|市\(州\)|项目单位|区市县|区\(市\)县|辖区|区市)$"
)
STRICT = re.compile(
    r"(?:数量?|面积|资金|金额|投资|经费|床位|车位|托位|学位|泊位|里程|长度|中心|站|点|所|院|食堂|驿站|机构|卫生室|幼儿园|公厕|厕所|电梯|小区|平台|活动室|站\(点\)|率|比例|占比|任务数|人次|户厕|公园|充电桩|量|\([^)]{1,6}\))$"
)
END = re.compile(
    r"(?:数量?|面积|资金|金额|投资|经费|户数|人数|人次|床位|车位|托位|学位|泊位|里程|长度|中心|站|点|所|院|食堂|驿站|机构|卫生室|幼儿园|公厕|厕所|电梯|小区|平台|活动室|服务站\(点\)|站\(点\)|率|比例|占比|改造|建设|任务|任务数|指标|目标|计划数|培训|户厕|公园|充电桩|项目|量|房|路|田|岗位|员|老年人|家庭|楼栋|栋|套|次数|超市|餐厅|企业|团队|队伍|协会|合作社|路灯|书屋|课堂|基地|\([^)]{1,6}\))$"
)
GROUP = re.compile(r"^(20\d\d)年?(?:度)?(?:建设|工作|任务|目标|计划|新增|完成)*(?:计划|任务|目标|情况|数)?$")
UNIT = re.compile(r"[((]\s?(?:单位[::])?([^()()]{1,6})[))]$")
SHEET_UNIT = re.compile(r"单位[::]\s?\(?([个家处所座张名人户套台辆万元亩次场%平方米公里、]{1,12})\)?")


@dataclass
class Column:
    """A column's subject, its unit, what its numbers are multiplied by, and the year in its heading."""

    subject: str
    unit: str
    scale: int = 1
    year: int | None = None
    tense: str | None = None
    guessed: bool = False  # the heading named no unit and none is known for the thing


def column_names(pieces: list[str], width: int) -> tuple[list[str], str, list[int], str | None]:
    """Names of `width` columns, the table's title, the years of its groups and the unit printed once for the sheet.

    ["居家社区", "养老服务中心", "居家社区", "养老服务站"], 2 → ["居家社区养老服务中心", "居家社区养老服务站"]
    """
    pieces = [p for p in pieces if p]
    title, rest = _title(pieces)
    sheet = SHEET_UNIT.search("".join(pieces))
    rest = [SHEET_UNIT.sub("", p) for p in rest]
    years = list(dict.fromkeys(int(m.group(1)) for p in rest if (m := GROUP.match(p)) and len(p) <= 14))
    words = [
        p
        for p in rest
        if p and not GROUP.match(p) and not LABELS.match(p) and not re.fullmatch(r"[\d.,%-]+|附件\d*:?|附表\d*:?", p)
    ]
    names = _exact(words, width)
    for end in (STRICT, END):
        joined = _joined(words, end)
        names = names or _exact(joined, width) or _exact(list(dict.fromkeys(joined)), width)
    if names and len(years) > 1 and width % len(years) == 0 and width > len(years):
        part = width // len(years)
        if all(names[n] == names[n % part] for n in range(width)):
            names = [f"{years[n // part]}年{name}" for n, name in enumerate(names)]
    if not names and len(years) > 1:
        names = _years_by(words, years, width)
    if not names and years and width == len(years):
        names = [f"{y}年{''.join(words[:1])}" for y in years]
    if not names:
        distinct = list(dict.fromkeys(_joined(words)))
        names = (
            distinct[-width:]
            if len(distinct) >= width
            else distinct + [f"第{n + 1}列" for n in range(len(distinct), width)]
        )
    return names, title, years, sheet.group(1) if sheet else None


def _title(pieces: list[str]) -> tuple[str, list[str]]:
    for n in range(min(len(pieces), 8), 0, -1):
        joined = "".join(pieces[:n])
        if re.search(r"(?:表|清单|明细|一览表|任务分解|分解)\d?(?:\([^)]*\))?$", joined) and (
            len(joined) > 4 or joined in ("计划表", "任务表", "分解表", "资金表", "统计表", "明细表")
        ):
            return joined, pieces[n:]
    return "", pieces


def _exact(words: list[str], width: int) -> list[str] | None:
    return words if len(words) == width and width > 0 else None


def _joined(words: list[str], end: re.Pattern = STRICT) -> list[str]:
    """Put broken pieces together: a name goes on until it ends like a column does."""
    names, piece = [], ""
    for word in words:
        piece += word
        if end.search(piece):
            names.append(piece)
            piece = ""
    if piece:
        names.append(piece)
    return names


def _years_by(words: list[str], years: list[int], width: int) -> list[str] | None:
    """Two rows of headings: each year over the same names."""
    distinct = list(dict.fromkeys(_joined(words)))
    if len(distinct) * len(years) == width:
        return [f"{y}年{name}" for y in years for name in distinct]
    return None


def read_column(name: str, sheet_unit: str | None) -> Column:
    """Subject, unit and scale of a heading: 补助资金(万元) → 元, 10000."""
    bare = re.sub(r"\s", "", name)
    m = UNIT.search(bare)
    unit = m.group(1) if m else (sheet_unit or "")
    subject = UNIT.sub("", bare) if m and _known(unit) else bare
    year = re.search(r"(20\d\d)年?", subject)
    tense = (
        "plan"
        if re.search(r"计划|任务|目标|下达|应建", subject)
        else "done"
        if re.search(r"现有|已|现状|完成情况|实际|累计完成|基数|完成数", subject)
        else None
    )
    unit, scale = scaled(unit) if _known(unit) else ("", 1)
    subject = re.sub(
        r"^(?:乡镇|街道|镇街|县区|县市区)?(?:\((?:街道|区|市、区)\))?(?=[\u4e00-\u9fff]{4})|[::]$", "", subject
    )
    clean = re.sub(r"^20\d\d年度?|(?:建设|工作)(?:任务|目标|计划)$|(?:任务数?|目标数?|计划数?|数量|个数)$", "", subject)
    clean = clean or subject
    guessed = not unit
    if guessed:
        named = [vocabulary().unit_of_thing(words) for words in (clean, subject)]
        unit = next((u for u in named if u != "个"), "个")
        guessed = unit == "个"
    clean = re.sub(r"数$", "", clean) or clean
    return Column(clean, unit, scale, int(year.group(1)) if year else None, tense, guessed)


def _known(unit: str) -> bool:
    return scaled(unit)[0] in vocabulary().units or "、" in unit


def scaled(unit: str) -> tuple[str, int]:
    """A unit as printed, and its factor: 万元 → 元, 10000."""
    unit = unit.split("、")[0]
    for prefix, factor in (
        ("亿", 100_000_000),
        ("千万", 10_000_000),
        ("百万", 1_000_000),
        ("万", 10_000),
        ("千", 1000),
        ("百", 100),
    ):
        if unit.startswith(prefix) and unit[len(prefix) :] in vocabulary().units and unit not in vocabulary().units:
            return vocabulary().units[unit[len(prefix) :]].canonical, factor
    return (vocabulary().units[unit].canonical, 1) if unit in vocabulary().units else (unit, 1)
