"""Numbers that name, structure or qualify and count nothing of their own."""

import re

from songhe.insight.reading import kinds
from songhe.insight.reading.quantities import Quantity
from songhe.insight.reading.sentence import Sentence
from songhe.insight.reading.vocabulary import either, vocabulary

EACH_MORE = re.compile(r"每(?:新增加?|增加|多|提高|超过?|满|完成|建成|培训|引进|吸纳|招用|安置|减少|降低|低|高)$")

EACH_POINT = re.compile(r"(?:每|凡)(?:[\u4e00-\u9fff]{0,6})$")
PRESENT = re.compile(r"(?:出席|列席|缺席|请假|参会|与会|主持|记录)(?:人员|领导|单位)?:")
SORTED_INTO = re.compile(r"(?:划?分为|分成|划分成)[\u4e00-\u9fff、“”()]{0,40}$")


def is_trap(s: Sentence, i: int) -> bool:
    """A number that names, structures or qualifies and counts nothing of its own."""
    q, m = s.quantities[i], s.masked
    follow, lead = m[q.end : q.end + 16], m[max(0, q.start - 12) : q.start]
    a, b = s.clause(q.start)
    if q.unit.kind == "time" and not _time_limit(s, q) and not kinds.is_stock_of_hours(q):
        return True
    if (
        q.chinese
        and q.value == 1
        and not (q.explicit or kinds.period_of(s, q, 0) or re.search(r"(?:每|各)[^,。;]{0,20}$", m[: q.start]))
    ):
        return True
    if (
        q.chinese
        and q.unit.kind in ("count",)
        and not q.explicit
        and q.value < 10
        and re.match(r"(?:[\u4e00-\u9fff]{0,3}(?:级|类|型|化|重|层|端|链|网|圈|路|力|不|确保|加强|进一步))", follow)
        and not re.search(r"(?:建|设|造|办|创|完成|新增|培育)[成立设]?$", lead)
    ):
        return True
    if (
        re.search(r"(?:照片|图片|材料|视频|简报|信息|一式|附表|复印件|报告)[^,。;]{0,6}$", lead)
        and q.unit.kind == "count"
        and q.value <= 20
    ):
        return True
    if re.match(r"(?:个|大|项)?100%", m[q.end : q.end + 6]) and q.unit.kind == "count":
        return True
    if (
        q.unit.kind == "count"
        and q.unit.name == "个"
        and re.search(r"全(?:市|县|区|省|州|旗|镇)$", lead)
        and re.match(r"(?:县|区|乡|镇|街道|社区|村|行政村|市)", follow)
        and not re.search("已|完成|建|达", follow)
    ):
        return True
    if PRESENT.match(m[a:b].lstrip("■")) or PRESENT.match(m.lstrip("■")):
        return True  # 出席:李文等19人
    if re.search(r"[,、)](?:总?共|合计|等)$", lead) and re.match(r"单位(?:[。;,)]|$)", follow) and q.unit.name == "个":
        return True  # 各县区政府、高新区管委会,共8个单位: how many were just named
    if re.search(r"分$", lead) and q.unit.name in ("次", "批", "期", "步", "年", "个", "类", "档", "级"):
        return True  # 分两次拨付
    if q.chinese and q.unit.kind != "share" and re.match(r"[百千]+[^百千零一二三四五六七八九]", m[q.start :]):
        return True  # 千家万户
    if (
        q.unit.kind in ("count", "people", "land")
        and re.match(r"(?:对于?|凡|凡是)[\u4e00-\u9fff]", m[a:b].lstrip("■"))
        and (q.explicit or re.search(r"(?:达到|满|达)$", lead))
        and re.match(r"[^,。;]{0,24}的[\u4e00-\u9fff]{2,}", m[q.end : b])
    ):
        return True
    if (
        q.unit.kind == "share"
        and q.explicit
        and re.search(r"(?:^|[,;■])?对[^,。;]{1,30}$", m[a : q.comp_start])
        and re.match(r"的[\u4e00-\u9fff]", m[q.comp_end : b])
    ):
        return True  # 对探访率低于95%的县区进行约谈: who is meant
    if q.chinese and re.search(r"连续$", lead) and q.unit.kind in ("events", "count"):
        return True  # 连续两次排名末位
    if SORTED_INTO.search(m[a : q.start]) or (q.unit.name == "个" and re.match(r"(?:等次|档次|等级|梯队)", follow)):
        return True  # 分为优秀、良好、合格三个等次
    if EACH_POINT.search(m[a : q.start]) and re.match(
        r"[^,。;]{0,6},?(?:扣|加|减|得|计)[\d.]+分", m[q.end : q.end + 16]
    ):
        return True  # 每少1个扣3分
    if q.unit.kind in ("count", "people", "share") and EACH_MORE.search(m[a : q.start]):
        return True  # 每新增1家奖励3万元
    if q.chinese and q.unit.kind == "length" and not q.explicit:
        return True
    if re.search(r"[以]上?$", lead) and q.unit.kind == "count" and re.match("为单位", follow):
        return True
    if (
        (q.explicit or re.search(r"(?:达到|满|达)$", lead))
        and q.unit.kind in ("count", "people", "land")
        and m[q.comp_end : q.comp_end + 1] == "的"
        and re.match(
            r"的(?:村|社区|乡镇|街道|县|区|机构|学校|小区|企业|单位|家庭|住宅|项目|养老机构|地区|行政村|自然村|医院|企业|合作社|农户|大户|给予|按|可|由)",
            m[q.comp_end : q.comp_end + 8],
        )
    ):
        return True
    if (
        q.unit.kind in ("area", "share", "count", "people")
        and (q.explicit or q.value_max is not None)
        and m[q.comp_end : q.comp_end + 1] == "的"
        and re.match(
            r"的(?:[\u4e00-\u9fff]{0,6})?,?(?:每[\u4e00-\u9fff]{1,3})?(?:给予|奖补|补助|补贴|奖励|资助|扣|减)",
            m[q.comp_end : q.comp_end + 16],
        )
    ):
        return True  # 80-150平方米的奖补3万元: a band
    return bool(
        re.search(r"(?:不足|未满|年满|已满|满)$", lead)
        and q.unit.kind in ("people", "count", "time")
        and re.match("的", m[q.comp_end :])
    )


def _time_limit(s: Sentence, q: Quantity) -> bool:
    lead, follow = s.masked[max(0, q.comp_start - 14) : q.start], s.masked[q.end : q.end + 6]
    if re.match(r"[^,。;]{0,8}圈", follow):
        return False
    words = either(vocabulary().words["time_limits"])
    if re.search(rf"(?:{words})[^,。;■]{{0,6}}$", lead):
        return not (
            q.unit.canonical in ("个月", "天") and re.search("有效|公示|试点|任期|周期|期限", lead) and not q.explicit
        )
    return (
        q.unit.canonical in ("小时", "分钟", "天", "个工作日")
        and re.match(r"(?:内|之内|以内)(?!的)", follow) is not None
        and not re.search(r"(?:自|从|最近|近)$", lead)
    )
