"""Words of volunteering and friendly merchants. Codes never change; labels may."""

from django.utils.translation import gettext_lazy as _

# The four kinds that every village and community has (R71).
GROUPS = [
    ("elders", _("老年人（五老）协会")),
    ("love_help", _("爱心志愿队")),
    ("rights", _("维权志愿队")),
    ("customs", _("红白理事会")),
]
ACTIVITIES = [
    ("visit", _("上门探望")),
    ("housework", _("家务帮扶")),
    ("health", _("健康服务")),
    ("culture", _("文化娱乐")),
    ("rights", _("普法维权")),
    ("festival", _("节日活动")),
    ("other", _("其他")),
]
MERCHANTS = ("partner_shop", "housekeeping_firm", "service_point", "partner_restaurant")
OFFERS = [
    ("discount", _("价格优惠")),
    ("delivery", _("送货上门")),
    ("priority", _("优先服务")),
    ("free", _("免费项目")),
]
