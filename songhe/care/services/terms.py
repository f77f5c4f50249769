"""The fixed words of services: kinds, states with their legal steps, channels, reasons. Codes are retired, never reused."""

from django.utils.translation import gettext_lazy as _

KINDS = [
    ("meal", _("助餐")),
    ("bath", _("助浴")),
    ("cleaning", _("助洁")),
    ("mobility", _("助行")),
    ("medical", _("助医")),
    ("urgent", _("助急")),
    ("errand", _("代购代办")),
    ("comfort", _("精神慰藉")),
    ("rehab", _("康复")),
    ("day_care", _("日托")),
    ("training", _("照护培训")),
    ("personal_care", _("生活照料")),
    ("repair", _("家居维修")),
]
STATES = [
    ("waiting", _("待派单")),
    ("dispatched", _("已派单")),
    ("accepted", _("已接单")),
    ("serving", _("服务中")),
    ("done", _("已完成")),
    ("called_back", _("已回访")),
    ("rated", _("已评价")),
    ("cancelled", _("已取消")),
    ("returned", _("待改派")),
]
# The same list stands in sql/0001_services.sql, where the database refuses any other step; a test compares the two.
STEPS = {
    "": ("waiting",),
    "waiting": ("dispatched", "cancelled"),
    "dispatched": ("accepted", "returned", "cancelled"),
    "accepted": ("serving", "returned", "cancelled"),
    "serving": ("done", "returned", "cancelled"),
    "done": ("called_back", "rated"),
    "called_back": ("rated",),
    "returned": ("dispatched", "cancelled"),
    "rated": (),
    "cancelled": (),
}
TO_DISPATCH = ("waiting", "returned")  # nobody holds it
HELD = ("dispatched", "accepted", "serving")  # exactly one dispatch holds it
DELIVERED = ("done", "called_back", "rated")
OPEN = (*TO_DISPATCH, *HELD)
BEFORE_WORK = (
    *TO_DISPATCH,
    "dispatched",
    "accepted",
)  # nobody has begun: a family may still call off what it asked for
URGENCIES = [("emergency", _("紧急")), ("soon", _("尽快")), ("planned", _("预约"))]
CHANNELS = [
    ("phone", _("老人来电")),
    ("family", _("家属")),
    ("station", _("村（社区）、站点代办")),
    ("found_need", _("探访发现的需要")),
    ("plan", _("照护计划")),
    ("device", _("设备报警")),
]
FUNDING = [("entitled", _("政府购买（额度内）")), ("self", _("自费"))]
QUALIFICATIONS = [
    ("care_worker", _("养老护理员")),
    ("nurse", _("护士")),
    ("bath_aide", _("助浴师")),
    ("therapist", _("康复治疗师")),
    ("social_worker", _("社会工作者")),
    ("counsellor", _("心理咨询师")),
    ("driver", _("驾驶员")),
    ("health", _("健康证")),
    ("first_aid", _("急救员")),
]
PROOFS = [
    ("time", _("起止时间")),
    ("position", _("位置")),
    ("signature", _("签字或本人服务码")),
    ("photo", _("照片")),
    ("before_after", _("服务前后照片")),
]
REFUSE_REASONS = [
    ("no_capacity", _("人手已满")),
    ("too_far", _("距离太远")),
    ("not_qualified", _("没有相应资质的人员")),
    ("equipment", _("设备不足")),
    ("conflict", _("与老人曾有纠纷")),
    ("other", _("其他")),
]
RETURN_REASONS = [
    *REFUSE_REASONS,
    ("timed_out", _("逾时未应答")),
    ("withdrawn", _("坐席撤回")),
    ("no_show", _("未按时到达")),
    ("carer_ill", _("护理员临时不能到岗")),
    ("broken_off", _("服务中断")),
]
CANCEL_REASONS = [
    ("person_refused", _("老人不要了")),
    ("person_away", _("老人不在家")),
    ("hospital", _("老人住院")),
    ("deceased", _("老人去世")),
    ("duplicate", _("重复登记")),
    ("mistake", _("登记有误")),
    ("nobody_free", _("没有可派的人员")),
    ("other", _("其他")),
]
FAMILY_CANCELS = [(code, label) for code, label in CANCEL_REASONS if code not in ("deceased", "nobody_free")]
REASONS = dict(RETURN_REASONS) | dict(CANCEL_REASONS)
