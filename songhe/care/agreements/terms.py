"""Words of home-based care beds and devices. Codes never change; labels may."""

from django.utils.translation import gettext_lazy as _

# In the order in which a bed walks through them; `renewed` may come again and again, `ended` closes.
STEPS = [
    ("surveyed", _("入户调查")),
    ("assessed", _("能力评估")),
    ("planned", _("照护计划")),
    ("signed", _("三方协议")),
    ("fitted", _("改造与设备")),
    ("accepted", _("验收")),
    ("renewed", _("续签")),
    ("ended", _("终止")),
]
WALK = ("surveyed", "assessed", "planned", "signed", "fitted", "accepted")
END_REASONS = [
    ("death", _("去世")),
    ("institution", _("入住机构")),
    ("moved", _("迁出")),
    ("withdrawn", _("本人或监护人退出")),
    ("expired", _("到期不续")),
    ("breach", _("服务不符合协议")),
    ("mistake", _("登记有误")),
]
ITEMS = [
    ("grab_rail", _("扶手")),
    ("non_slip", _("防滑处理")),
    ("bath_seat", _("淋浴椅")),
    ("ramp", _("坡道")),
    ("care_bed", _("护理床")),
    ("wheelchair", _("轮椅")),
    ("lighting", _("感应照明")),
    ("call_button", _("紧急呼叫")),
]
DEVICES = [
    ("button", _("紧急按钮")),
    ("door", _("门磁")),
    ("bed", _("床位感应")),
    ("motion", _("人体感应")),
    ("smoke", _("烟雾报警")),
    ("bracelet", _("手环")),
]
SIGNALS = [("heartbeat", _("心跳")), ("event", _("状态变化")), ("alarm", _("报警"))]
VERDICTS = [("pass", _("合格")), ("fail", _("不合格，限期整改"))]
SIGNERS = [("self", _("本人")), ("guardian", _("监护人")), ("family", _("家属代签"))]
