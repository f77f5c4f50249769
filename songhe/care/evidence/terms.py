"""The fixed words of evidence, call-backs, ratings, complaints and incidents. Codes are retired, never reused."""

from django.utils.translation import gettext_lazy as _

STAMPS = [("start", _("开始服务")), ("finish", _("结束服务"))]
CHANNELS = [("phone", _("手机页")), ("desk", _("主管补录"))]
PROOFS = [
    ("photo", _("照片")),
    ("signature", _("签字")),
    ("code", _("本人服务码")),
    ("code_no", _("服务码不符，未核实")),
]
CHECK_STATES = [("open", _("待核定")), ("accepted", _("已采信")), ("refused", _("不采信"))]
FLAG_VERDICTS = [("accepted", _("采信")), ("refused", _("不采信")), ("verified", _("已核实"))]
CALL_OUTCOMES = [
    ("confirmed", _("确认接受过服务")),
    ("denied", _("否认接受过服务")),
    ("unsure", _("记不清")),
    ("unreached", _("未接通")),
]
RATED_BY = [("person", _("本人")), ("family", _("家属")), ("call_back", _("回访时"))]
COMPLAINT_CHANNELS = [
    ("12345", _("12345 政务热线")),
    ("12349", _("12349 民政服务热线")),
    ("phone", _("来电")),
    ("visit", _("来访")),
    ("letter", _("来信")),
    ("family", _("家属网页")),
    ("call_back", _("回访中反映")),
]
COMPLAINT_STATES = [
    ("open", _("办理中")),
    ("replied", _("已答复")),
    ("appealed", _("申请复核")),
    ("closed", _("已办结")),
]
COMPLAINT_MOVES = {
    "": ("open",),
    "open": ("replied",),
    "replied": ("appealed", "closed"),
    "appealed": ("replied", "closed"),
    "closed": (),
}
# The same list stands in sql/0001_evidence.sql; tests/care/evidence/test_complaints.py compares the two.
FINDINGS = [("upheld", _("属实")), ("partly", _("部分属实")), ("not_upheld", _("不属实"))]
SUBJECTS = [
    ("no_show", _("没有上门")),
    ("short", _("时间不够")),
    ("quality", _("服务质量")),
    ("attitude", _("态度")),
    ("money", _("收费")),
    ("false_record", _("虚假记录")),
    ("other", _("其他")),
]
INCIDENTS = [
    ("fall", _("跌倒")),
    ("injury", _("受伤")),
    ("choking", _("噎食")),
    ("medical", _("突发疾病")),
    ("missing", _("走失")),
    ("property", _("财物损失")),
    ("conflict", _("纠纷")),
    ("other", _("其他")),
]
SEVERITIES = [("minor", _("一般")), ("serious", _("较重")), ("grave", _("重大"))]
ORIGINS = [("entered", _("录入")), ("demo", _("演示"))]
