"""The fixed words of duties: ways of contact, found needs, steps of the ladder. Codes are retired, never reused."""

from django.utils.translation import gettext_lazy as _

MODES = [
    ("call", _("电话")),
    ("video", _("视频")),
    ("home_visit", _("上门")),
    ("home_service", _("上门志愿服务")),
]
NEEDS = [
    ("top_up", _("充值缴费")),
    ("errand", _("代购物品药品")),
    ("call_family", _("联系亲属")),
    ("comfort", _("心理慰藉")),
    ("doctor", _("就医")),
    ("meal", _("用餐")),
    ("bath", _("洗浴")),
    ("cleaning", _("保洁")),
    ("repair", _("维修")),
    ("safety", _("安全隐患")),
    ("other", _("其他")),
]
STEPS = [
    ("again", _("再次拨打")),
    ("neighbour", _("请邻居察看")),
    ("door", _("上门")),
    ("family", _("联系紧急联系人")),
    ("police", _("报警求助")),
]
EXCUSES = [
    ("away", _("外出探亲")),
    ("hospital", _("住院")),
    ("refused", _("本人拒绝")),
    ("institution", _("入住机构")),
    ("moved_out", _("迁出")),
    ("deceased", _("去世")),
    ("other", _("其他")),
    ("merged", _("档案已合并")),
]
OFFERED_EXCUSES = EXCUSES[:-1]  # "merged" is set by the merge itself
BY = [("helper", _("帮扶人员")), ("paired", _("结对志愿者"))]
