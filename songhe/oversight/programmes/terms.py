"""Words of programmes: codes as they stand in definitions, with Chinese names for screens."""

from django.utils.translation import gettext_lazy as _

STATES = [
    ("not_due", _("未到期")),
    ("on_track", _("正常推进")),
    ("at_risk", _("有风险")),
    ("late", _("逾期")),
    ("met", _("已完成")),
    ("met_late", _("逾期完成")),
    ("no_figure", _("未报")),
]
KINDS = [
    ("target", _("目标")),
    ("recurring", _("常态目标")),
    ("ceiling", _("上限")),
    ("achieved", _("已报完成，须保持")),
    ("milestone", _("时间节点")),
    ("duty", _("常态责任")),
    ("standard", _("标准")),
    ("grant", _("奖补")),
    ("body", _("组织机构")),
    ("consultation", _("征求意见")),
    ("scope", _("实施范围")),
    ("paper", _("文件")),
    ("programme", _("工程本身")),
]
FORMS = [
    ("plan", _("行动计划")),
    ("draft_plan", _("征求意见稿")),
    ("news", _("新闻报道")),
    ("reply", _("建议答复")),
    ("campaign", _("专项行动")),
]
SOURCES = [
    ("facilities", _("设施登记")),
    ("beds", _("床位登记")),
    ("indicator", _("指标")),
    ("ledger", _("台账销号")),
    ("evidence", _("有据填报")),
    ("standard", _("标准对照")),
    ("care_beds", _("床位协议")),
    ("meal_points", _("助餐登记")),
    ("meal_vehicles", _("送餐车登记")),
    ("orders", _("服务订单")),
    ("group_activities", _("志愿活动记录")),
    ("site_share", _("设施登记对照名单")),
    ("operators", _("运营登记")),
    ("awards", _("评选轮次")),
    ("village_share", _("设施登记对照村（社区）")),
    ("in_institution", _("人员登记")),
]
SIGNS = {">=": "≥", "<=": "≤", "=": "=", "about": "≈"}
SOFT = ("力争", "争取", "一般", "原则上", "基本", "约")
EACH = ("township", "street", "town", "village", "community")  # sub-areas kept in the registry of places
