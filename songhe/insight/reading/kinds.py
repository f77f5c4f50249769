"""Decide what a quantity is: a target, a fact already achieved, a standard, a standing duty, money, or nothing of the kind."""

import re
from functools import cache

from songhe.insight.reading.quantities import Quantity
from songhe.insight.reading.sentence import Sentence, tense_at
from songhe.insight.reading.vocabulary import either, vocabulary

FACILITY = r"(?:站|中心|综合体|院|所|点|校|园|机构|食堂|餐厅|学校|驿站|班|室|馆|处|家|设施|基地|床|张|服务点|小区|服务区|公厕|市场)"
AREA_DONE = r"(?:新增|新建|改造|完成|建成|总|绿化|铺设|修缮|整治|腾退|盘活|复耕|开工|竣工|交付|供应|征收|拆除|硬化|种植|流转|播种|扩建|累计|共)"


TAKING_PART = re.compile(r"(?:累计)?(?:参[训加与]|受[训益]|培训|惠及|覆盖|服务)")
EACH_MUST = re.compile(r"每一?[个所家处座间][^,。;]{1,10}?(?:应|须|需|要)(?:当|该)?(?:至少|不少于)?[有配设备具]")
EACH_TIME = re.compile(r"每[次场期堂节][\u4e00-\u9fff]{0,8}$")
EACH_FACILITY = re.compile(
    r"每一?[个所家处座间](?:(?:(?!设(?!施)|[建办创增])[\u4e00-\u9fff]){0,6}(?:中心|站点?|点|院|所|机构|食堂|餐厅|馆|室|园|校|病区|科室|病房|楼层)"
    r"|(?:服务|照护|收住|托养|容纳|供养|联系|负责)[^,。;■]{0,8})$"
)
SAMPLED = re.compile(r"(?:抽查|抽检|抽样|复核|核查|回访)[\u4e00-\u9fff]{0,4}(?:比例|率|数量)?[\u4e00-\u9fff]{0,6}$")
EACH_TEAM = re.compile(r"每[支个][\u4e00-\u9fff]{0,6}(?:队|队伍|小组|团队|专班)[\u4e00-\u9fff]{0,6}$")
PLACE_EACH = re.compile(
    r"(?:每个?|各|每一个?)(?:街道|乡镇|镇街|镇|乡|县|区|县区|社区|村|行政村|县\(市、区\)|镇\(街道\)|乡镇\(街道\)|市|建制村)[^,。;]{0,8}(?:建成|建设|新建|打造|设立|创建|建有|培育|设置|改造|完成|发展|布局|选树)"
)


A_DAY = re.compile(r"(?:达到?|提升[到至]|提高[到至]|增加?[到至]|扩大[到至])(?:平均)?(?:每[天日]|日均)(?:约|超过)?$")
MUST_BE_BY = re.compile(r"(?:必须|须|应当?|需)[\u4e00-\u9fff]{0,4}由$")
EACH_THING = re.compile(r"每[张台套辆][\u4e00-\u9fff]{0,12}$")
PAID_IN_STEPS = re.compile(
    r"(?:支付|拨付|付款|预付|兑付)(?:合同)?(?:总?价?款|金额|总额|资金)?(?:的|至|剩余|余下|其余)*$"
)
CAPPED = re.compile(r"最高(?:可)?(?:抵扣|补[贴助]|支付|报销|减免|奖[励补])$")
RATE_RULE = re.compile(r"(?:抵扣|补[贴助]|报销|支付|减免)比例(?:为|是|按)[\u4e00-\u9fff]{0,8}$")
SELF_PAID = re.compile(r"(?:自付|自费|自掏|个人(?:承担|负担|支付|出))")
FUNDED = re.compile(r"(?:(?<!统)筹资|缴费|缴纳)(?:标准|金额|额)?|个人缴纳|参保缴费")
PAID_OUT = re.compile(r"支付|报销|给付|赔付")


@cache
def _periods() -> re.Pattern:
    words = vocabulary().words
    groups = [f"(?P<p{i}>{either(ws)})" for i, ws in enumerate(words["periods"].values())]
    return re.compile("|".join(groups))


def period_of(s: Sentence, q: Quantity, left: int) -> str | None:
    """周 月 季度 半年 年 … when the quantity recurs: 每周至少2次, 一年两次, 2次/月."""
    words = vocabulary().words
    start, _end = s.clause(q.start)
    if A_DAY.search(s.masked[start : q.start]):
        return None  # 服务能力提升到每天1000人: how much it can do
    if EACH_TIME.search(s.masked[start : q.comp_start]):
        return None  # 每月不少于2次、每次不少于2小时: how one time must be
    names = list(words["periods"])
    lead = s.masked[max(start, left) : q.start]
    hits = list(_periods().finditer(s.chars[max(start, left) : q.start]))
    if not hits:
        hits = (
            list(_periods().finditer(s.chars[start : q.start]))
            if left > start and re.search(r"[、和及]|次", s.masked[start : q.start])
            else []
        )
    if hits:
        i = next(i for i in range(len(names)) if hits[-1].group(f"p{i}") is not None)
        return names[i]
    m = re.search(r"(?:^|[^十\d第])(?:一|1|每)?(年|个?月|周|季度?|学期)(?:不少于|至少|不低于|最多)?$", lead)
    if m and re.search(r"[一1每](?:年|个?月|周|季度?|学期)(?:不少于|至少|不低于|最多)?$", lead):
        return {"季": "季度", "个月": "月"}.get(m.group(1), m.group(1))
    lone = re.search(r"(?:^|[,;、])[一每](季度?|个?月|周|年)(?:至少)?[\u4e00-\u9fff]{0,8}$", s.chars[start : q.start])
    if lone and q.chinese and q.unit.kind == "events":
        return {"季": "季度", "个月": "月"}.get(lone.group(1), lone.group(1))
    follow = s.chars[q.end : q.end + 5]
    for per, marks in words["periods_after"].items():
        if any(follow.startswith(mark) for mark in marks):
            return per
    # 按季度开展, 每季度的 clause just before: "每季度末,组织不少于1次"
    before = s.clause_before(q.start)
    counted_before = before and any(before[0] <= o.start < before[1] for o in s.quantities)
    among = re.match(r"其中", s.masked[start : start + 2]) or (
        counted_before and q.unit.kind in ("people", "visits") and TAKING_PART.match(s.masked[start : start + 12])
    )  # 每周至少探访2次,其中上门不少于1次; 每年培训40场,参训不少于1600人次
    sampled = q.unit.kind == "share" and re.search(r"抽[查检]比例|复核比例|检查比例", lead)
    if (
        before
        and (among or sampled)
        and s.quantities
        and (hits := list(_periods().finditer(s.chars[before[0] : before[1]])))
    ):
        return names[next(i for i in range(len(names)) if hits[-1].group(f"p{i}") is not None)]
    if before and (among or not counted_before) and q.unit.kind == "events" and before[1] - before[0] <= 14:
        hits = list(_periods().finditer(s.chars[before[0] : before[1]]))
        if hits and hits[0].start() <= 6:
            return names[next(i for i in range(len(names)) if hits[-1].group(f"p{i}") is not None)]
    return None


def is_stock_of_hours(q: Quantity) -> bool:
    """服务时长达到20万小时: so many hours are worked, they are no limit."""
    return q.unit.canonical == "小时" and q.value >= 1000


def is_standard(s: Sentence, i: int, context: str, head_kind: str | None, dated: bool) -> bool:
    """Does this quantity say how a thing must be, rather than how many there shall be?"""
    q = s.quantities[i]
    words = vocabulary().words
    kind = q.unit.kind
    clause = s.clause(q.start)
    here = s.masked[clause[0] : clause[1]]
    lead = s.masked[clause[0] : q.start]
    if is_stock_of_hours(q):
        return False
    if kind in ("volume", "weight", "power") and head_kind == "standard":
        return True
    if kind in ("time", "lessons", "length") and (q.explicit or head_kind == "standard"):
        return (
            kind != "length"
            or not re.search(AREA_DONE, lead)
            or bool(re.search(r"(?:宽|高|厚|净|深|间距|半径|距离)", lead))
        )
    if (
        kind == "share"
        and not dated
        and context != "done"
        and any(
            o.unit.kind == "area" and not re.search(AREA_DONE, s.masked[max(0, o.start - 10) : o.start])
            for o in s.quantities[:i]
        )
    ):
        return True  # 建筑面积不少于…,其中护理型床位不低于60%
    if (
        kind == "people"
        and q.explicit
        and context != "done"
        and re.match(r"的[\u4e00-\u9fff]{0,8}(?:队|队伍|小组|工作组|专班|团队)", s.masked[q.comp_end : q.comp_end + 14])
    ):
        return True  # 不少于5人的志愿服务队: how large a team must be
    if kind == "people" and context != "done" and (EACH_TEAM.search(lead) or (q.explicit and EACH_TIME.search(lead))):
        return True
    if kind == "people" and MUST_BE_BY.search(s.masked[clause[0] : q.comp_start]):
        return True
    if kind == "count" and context != "done" and q.explicit and EACH_THING.search(s.masked[clause[0] : q.comp_start]):
        return True
    if kind == "events" and context != "done" and q.explicit and EACH_TIME.search(s.masked[clause[0] : q.comp_start]):
        return True  # 每期培训班至少开展1次: how one time must be
    if kind == "share" and context != "done" and not dated and q.explicit and SAMPLED.search(lead):
        return True
    if (
        kind == "share"
        and context != "done"
        and not dated
        and "其中" in lead
        and i
        and s.quantities[i - 1].unit.kind in ("lessons", "time", "area")
        and s.quantities[i - 1].explicit
    ):
        return True  # 不少于100课时,其中实操课时占比不低于60%
    if (
        kind in ("people", "count")
        and context != "done"
        and q.explicit
        and q.value < 300
        and EACH_FACILITY.search(s.masked[clause[0] : q.comp_start])
    ):
        return True
    if kind in ("people", "count") and context != "done" and q.value < 300 and EACH_MUST.search(lead):
        return True
    if (
        re.search(r"由$", s.masked[clause[0] : q.comp_start])
        and re.match(r"[\u4e00-\u9fff]{1,8}组成", s.masked[q.end : q.end + 10])
        and context != "done"
    ):
        return True
    if (
        kind == "area"
        and i
        and s.quantities[i - 1].base
        and context != "done"
        and head_kind != "standard"
        and s.quantities[i - 1].value >= 100
    ):
        return False  # 面积由900扩大到1600平方米: one building grows, no rule for all
    if (
        kind == "area"
        and head_kind != "standard"
        and re.search(r"[人生]均", lead)
        and re.search(r"(?:达到|提高到|提升到|提升至|提高至)$", lead)
    ):
        return False
    if kind == "area":
        if s.masked[q.comp_end : q.comp_end + 1] == "的" and q.explicit:
            return True
        total = re.search(AREA_DONE + r"[^,。;]{0,16}面积|面积(?:共|总计|达到?)?", lead)
        big = q.value >= 5000
        return not (big and total) and not (
            re.search(AREA_DONE, lead)
            and not re.search(r"不少于|不低于|不小于|以上|一般|应|至少", here)
            and q.value >= 1000
        )
    if PLACE_EACH.search(lead) and kind == "count":
        return False
    if (
        re.search(r"每(?:个|名|位|班|间|床|所|家|处|支|组|团队|人|张|辆)", lead)
        and q.comparator == "<="
        and kind in ("people", "count")
    ):
        return True
    if (
        re.search(
            rf"每(?:个|所|家|处|座|站|点|院|园|校)[\u4e00-\u9fff]{{0,14}}?(?:站|中心|院|所|点|校|园|机构|食堂|驿站|室)[\u4e00-\u9fff]{{0,4}}?(?:{either(words['staffing'])})",
            lead,
        )
        and kind == "people"
        and context != "done"
    ):
        return True
    if (
        head_kind == "standard"
        and kind in ("count", "people", "share", "events")
        and not re.search(r"全市|全县|全区|新增|新建|力争|计划", here)
        and not (
            dated
            and context == "plan"
            and (not q.explicit or any(w.role == "by" and w.start < q.start for w in s.dates))
        )
    ):
        return True
    if (
        kind == "people"
        and context != "done"
        and not dated
        and (
            re.search(rf"(?:{either(words['staffing'])})", here)
            and re.search(rf"(?:{either(words['staff'])}|[\u4e00-\u9fff]员)", here + s.masked[q.end : q.end + 14])
            and not re.search(rf"(?:{either(words['recruit'])})", lead)
            and q.value < 30
        )
    ):
        return True
    if re.search(r"由$", lead) and re.match(r"[^,。;]{0,14}(?:负责|运营|承担|承接|管理)", s.masked[q.end : q.end + 20]):
        return True
    if kind in ("count", "people") and context != "done":
        return _facility_attribute(s, i, here, lead, dated)
    return bool(
        kind in ("count", "people", "share")
        and re.search(r"(?:班额|配比|师生比|人均|每百户|容积率|绿地率|净高|坡度)", here)
        and not (kind == "share" and re.search(r"收入|增长|增幅|增速|消费|产值", here))
        and context != "done"
    )


def _facility_attribute(s: Sentence, i: int, here: str, lead: str, dated: bool) -> bool:
    """Beds, rooms and staff of one facility: after an area standard in the same sentence, or "每个站点床位不少于10张"."""
    q = s.quantities[i]
    area_before = any(
        o.unit.kind == "area" and o is not q and not re.search(AREA_DONE, s.masked[max(0, o.start - 10) : o.start])
        for o in s.quantities[:i]
    )
    attribute = re.search(
        r"(?:床位|托位|座位|餐位|席位|房间|功能室|活动室|卫生间|护理床|厕位|蹲位|人员|护理员|教师|医师|护士|保安|厨师|班额|床|车位|充电桩|充电位|书籍|图书|藏书|健身器材|器材|轮椅|学位|学生|幼儿)",
        here,
    )
    if area_before and attribute and q.value < 500 and not dated:
        return True
    if (
        not dated
        and re.search(r"(?:应|须|应当|必须|不得|原则上|一般)", lead)
        and attribute
        and q.value < 300
        and not re.search(r"全[市县区省]|新增|新建|完成", lead)
    ):
        return True
    if (
        re.search(rf"(?:每|单)(?:个|所|家|处|座|张|班|床|校|园|院|站|点|间)?[\u4e00-\u9fff]{{0,12}}?{FACILITY}", lead)
        and attribute
        and (not dated or re.search(r"每(?:个|所|家|处)", lead))
        and not re.search(
            r"每个?(?:社区|村|镇|乡|县|区|街道|乡镇)(?![\u4e00-\u9fff]{0,10}(?:站|中心|院|所|点|园))", lead
        )
    ):
        return True
    if re.search(r"每(?:百|\d+)(?:张|名幼儿|名学生)", s.chars[max(0, q.start - 24) : q.start]) and re.search(
        r"配[备置]", lead
    ):
        return True
    return bool(re.search(r"每班|班额|单班", here) and q.unit.kind == "people")


def money_kind(s: Sentence, i: int, tense: str | None, head_kind: str | None = None) -> str:
    """budget, standard, target or achieved for an amount of yuan."""
    words = vocabulary().words
    q = s.quantities[i]
    clause = s.clause(q.start)
    before = s.clause_before(q.start)
    here = s.masked[clause[0] : clause[1]]
    wide = (s.masked[before[0] : before[1]] if before else "") + here
    if re.search(r"每[人户]每[月年]", here):
        wide = s.masked[max(s.segment(q.start)[0], q.start - 120) : clause[1]]  # 津贴 is said once for a row of sums
    if re.search(rf"(?:{either(words['money_targets'])})|完成(?:固定资产|总|建设|年度)?投资|固定资产投资", here):
        return "achieved" if tense == "done" else "target"
    grant = re.search(
        r"(?:给予|按|标准|每[餐单次人床张户月日])[^,。;]{0,24}$", s.masked[clause[0] : q.start]
    ) and re.search(r"补[贴助]|奖", here)
    if q.comparator == "<=" and CAPPED.search(s.masked[clause[0] : q.start]):
        return "budget"  # 每月最高抵扣500元: a rule, even where it is told
    if SELF_PAID.search(here) and "累计" not in here:
        return "standard"  # what the old themselves pay for one meal or one bath
    if (
        tense == "done"
        and SELF_PAID.search(s.masked[s.segment(q.start)[0] : clause[0]])
        and re.search(r"补[贴助]", here)
    ):
        return "budget"  # 自付10元,其余由镇里补贴30元: a rate
    if tense == "done" and not (grant and tense_at(s, q.start) != "done"):
        return "achieved"
    split = s.masked.rfind("其中", s.segment(q.start)[0], q.start)
    if split >= 0:
        first = next(
            (n for n in range(i) if s.quantities[n].unit.kind == "money" and s.quantities[n].start < split), None
        )
        if first is not None:
            return money_kind(s, first, tense, head_kind)
    if FUNDED.search(here):
        return "standard"  # what is paid in, not what is paid out
    if PAID_OUT.search(here) or (re.search(r"最高|限额|封顶", here) and before and PAID_OUT.search(wide)):
        return "budget"
    if re.search(r"标准(?:为|是|:|按)|费标准|收费", here) and not re.search("奖补|补贴|补助|奖励", here):
        return "standard"
    borne = re.search(r"财政[^,。;]{0,6}(?:承担|负担|列支|兜底)|补[助贴]", s.masked[q.end : s.segment(q.start)[1]])
    if head_kind == "standard" and q.explicit and not borne and not re.search("补|奖|总投资|资金", here):
        return "standard"
    personal = re.search(
        r"每人|每户|每床|每张|每名|每位|每餐|每份|每月|每个|每所|每家|每年|元/|每亩|每次|每小时|每平方米|按照?|标准",
        here,
    )
    if (
        personal
        and re.search(rf"(?:{either(words['money_standards'])})", wide)
        and not re.search(
            r"奖补|给予|奖励|建设补贴|运营补贴|建设补助|运营补助|给予[^,。;]{0,20}补[贴助]|补[贴助](?:新台币|人民币)?(?=约?\d)|补[贴助]■",
            here,
        )
    ):
        return "standard"
    return "budget"


def is_cost_share(s: Sentence, q: Quantity) -> bool:
    """资金由县财政承担60%: a share of money, not a rate of something done."""
    start, end = s.clause(q.start)
    here, before = s.masked[start:end], s.clause_before(q.start)
    wide = (s.masked[before[0] : before[1]] if before else "") + here
    if is_rate_rule(s, q):
        return True
    if q.unit.kind == "share" and PAID_IN_STEPS.search(s.masked[start : q.start]):
        return True
    return (
        q.unit.kind == "share"
        and bool(re.search(r"承担|负担|分担|列支|补[助贴]|奖补|公益金|出资|支付|报销|给付|赔付", here))
        and bool(re.search(r"资金|财政|补[助贴]|经费|费用|公益金|投资|奖|基金|元的?标准", wide))
        and not re.search(r"率|占比|增长|增幅|提高|上涨", here)
    )


def is_rate_rule(s: Sentence, q: Quantity) -> bool:
    """抵扣比例为消费金额的40%: what is paid of each bill, whenever it is told."""
    return q.unit.kind == "share" and bool(RATE_RULE.search(s.masked[s.clause(q.start)[0] : q.start]))


def plain_kind(tense: str | None) -> str:
    """achieved for what is done, target for the rest."""
    return "achieved" if tense == "done" else "target"
