"""The fixed words of a person's file: circumstances with their bits, statuses, events, relations."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class CircumstanceKind:
    """A special circumstance. `bit` is its place in `Person.tags`; codes and bits are retired, never reused."""

    code: str
    label: str | Promise
    bit: int


CIRCUMSTANCES = [
    CircumstanceKind("living_alone", _("独居"), 1),
    CircumstanceKind("empty_nest", _("空巢"), 2),
    CircumstanceKind("left_behind", _("留守"), 4),
    CircumstanceKind("destitute", _("特困"), 8),
    CircumstanceKind("subsistence_allowance", _("低保"), 16),
    CircumstanceKind("near_threshold", _("低保边缘"), 32),
    CircumstanceKind("care_dependent", _("失能"), 64),
    CircumstanceKind("severe_disability", _("重残"), 128),
    CircumstanceKind("only_child_loss", _("计划生育特殊家庭（失独）"), 256),
    CircumstanceKind("dementia", _("失智"), 512),
    CircumstanceKind("in_difficulty", _("其他生活困难"), 1024),
]
BITS = {kind.code: kind.bit for kind in CIRCUMSTANCES}


def tags_of(codes) -> int:
    """The bit map of circumstance codes; an unknown code raises KeyError."""
    bits = 0
    for code in codes:
        bits |= BITS[code]
    return bits


def codes_of(tags: int) -> list[str]:
    return [kind.code for kind in CIRCUMSTANCES if tags & kind.bit]


def labels_of(tags: int) -> list:
    return [kind.label for kind in CIRCUMSTANCES if tags & kind.bit]


STATUSES = [
    ("living", _("在世")),
    ("institution", _("入住机构")),
    ("moved_out", _("已迁出")),
    ("deceased", _("已去世")),
]
LIVING = [
    ("alone", _("独居")),
    ("spouse", _("与配偶同住")),
    ("children", _("与子女同住")),
    ("parents", _("与父母同住")),
    ("siblings", _("与兄弟姐妹同住")),
    ("relatives", _("与其他亲属同住")),
    ("others", _("与非亲属同住")),
    ("institution", _("养老机构")),
]  # eight codes of form A, GB/T 42195-2022
RARE_LIVING = ["parents", "siblings", "relatives", "others", "institution"]  # few enough to have an index of their own
RELATIONS = [
    ("spouse", _("配偶")),
    ("son", _("儿子")),
    ("daughter", _("女儿")),
    ("child_in_law", _("儿媳、女婿")),
    ("grandchild", _("孙辈")),
    ("sibling", _("兄弟姐妹")),
    ("relative", _("其他亲属")),
    ("neighbour", _("邻居")),
    ("friend", _("朋友")),
    ("guardian", _("监护人")),
    ("other", _("其他")),
]
FAMILY_SCOPES = [
    ("family_page", _("家属可看：探访过，平安")),
    ("family_days", _("家属可看：哪天、怎样探访的")),
    ("family_health", _("家属可看：探访时的情况")),
    ("family_needs", _("家属可看：发现的需要和办理")),
    ("family_helper", _("家属可看：帮扶人员的姓名")),
    ("family_services", _("家属可看、可代办：上门服务")),
    ("family_carer", _("家属可看：上门护理员的姓氏")),
    ("family_meals", _("家属可看：在助餐点用餐")),
]
EVENTS = [
    ("turned_60", _("年满 60 岁")),
    ("turned_65", _("年满 65 岁")),
    ("turned_80", _("年满 80 岁")),
    ("turned_90", _("年满 90 岁")),
    ("turned_100", _("年满 100 岁")),
    ("death", _("去世")),
    ("move_in", _("迁入")),
    ("move_within", _("辖区内迁居")),
    ("move_out", _("迁出")),
    ("institution_in", _("入住机构")),
    ("institution_out", _("离开机构")),
    ("hospital_in", _("住院")),
    ("hospital_out", _("出院")),
]
