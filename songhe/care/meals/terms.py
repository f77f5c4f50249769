"""Words of meals. Codes never change; labels may."""

from django.utils.translation import gettext_lazy as _

MEALS = [("breakfast", _("早餐")), ("lunch", _("午餐")), ("dinner", _("晚餐"))]
WAYS = [("dine_in", _("堂食")), ("take", _("自取")), ("deliver", _("送餐上门"))]
SHARES = [("government", _("政府")), ("person", _("个人")), ("society", _("社会")), ("volunteer", _("志愿"))]
CHANNELS = [("till", _("收银页")), ("phone", _("手机页")), ("import", _("导入"))]
STATES = [
    ("counted", _("计次")),
    ("duplicate", _("重复，不计补助")),
    ("void", _("作废")),
]
VEHICLES = [("van", _("厢式车")), ("tricycle", _("电动三轮")), ("bicycle", _("电动自行车"))]
POINT_KINDS = ("canteen", "meal_point", "partner_restaurant", "central_kitchen", "day_care_station", "mutual_aid_home")
