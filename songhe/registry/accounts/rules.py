"""What each role may do: one table, default deny. Roles of the domain's §4; three administrators who never overlap."""

from django.utils.translation import gettext_lazy as _

ROLES = [
    ("leader", _("局领导")),
    ("clerk", _("养老服务科员")),
    ("community_clerk", _("社区办科员")),
    ("secretary", _("联席会议（专班）秘书")),
    ("finance", _("财务与审计")),
    ("township_worker", _("乡镇（街道）民政")),
    ("village_worker", _("村（社区）工作人员")),
    ("helper", _("帮扶人员")),
    ("assessor", _("能力评估员")),
    ("operator", _("运营机构负责人")),
    ("dispatcher", _("派单坐席")),
    ("care_worker", _("护理员")),
    ("volunteer_leader", _("志愿队负责人")),
    ("inspector", _("验收检查组")),
    ("system_admin", _("系统管理员")),
    ("security_admin", _("安全管理员")),
    ("audit_admin", _("审计管理员")),
]

# The three administrators see accounts, policy and logs, never an older person's file (GB/T 22239-2019, three powers).
ADMINISTRATORS = {"system_admin", "security_admin", "audit_admin"}
NO_PERSONAL_DATA = ADMINISTRATORS

PERMISSIONS = {
    "people.view": _("查看老年人档案"),
    "people.edit": _("登记和修改档案"),
    "people.correct": _("上门时更正电话、门牌说明、接听时间"),
    "people.unmask": _("查看完整证件号、电话、住址（须写明事由）"),
    "people.import": _("批量导入"),
    "people.export": _("导出（带水印、留记录）"),
    "people.merge": _("合并重复档案"),
    "assessment.record": _("录入能力评估"),
    "duties.view": _("查看探访职责"),
    "duties.excuse": _("登记暂停事由"),
    "duties.manage": _("开启周期、应急加密"),
    "visits.record": _("登记探访"),
    "visits.enter_for": _("代他人录入（纸单、电话）"),
    "helpers.manage": _("指定帮扶人员"),
    "plans.make": _("排班和改派"),
    "indicators.view": _("查看指标"),
    "indicators.freeze": _("月末封存"),
    "programmes.draft": _("导入通知、确认为方案"),
    "facilities.view": _("查看机构设施"),
    "facilities.report": _("登记设施活动"),
    "facilities.edit": _("登记设施、床位、运营和证照"),
    "facilities.inspect": _("验收、抽查和整改"),
    "facilities.sign": _("验收签字"),
    "programmes.view": _("查看工程进度"),
    "programmes.enter": _("填报工程数字（附依据）"),
    "bulletins.view": _("查看通报和函件"),
    "bulletins.draft": _("起草通报和函件"),
    "bulletins.issue": _("签发通报和函件"),
    "bulletins.templates": _("修改函件模板"),
    "bulletins.forms": _("填报上级报表"),
    "places.manage": _("维护区划"),
    "accounts.manage": _("管理账号和岗位"),
    "policy.manage": _("管理安全策略"),
    "audit.view": _("查看审计记录"),
    "ledger.view": _("查看台账"),
    "ledger.manage": _("立项、催办、督导，提出目标变更，导入台账"),
    "ledger.progress": _("填报进展、问题和协调，申请销号"),
    "ledger.sign": _("销号签字"),
    "ledger.approve": _("审批目标变更"),
    "meetings.view": _("查看会议和数据申请"),
    "meetings.manage": _("办理会议、纪要、决定和数据申请"),
    "awards.view": _("查看考评和评选"),
    "awards.nominate": _("推荐评选对象"),
    "awards.vote": _("评选投票"),
    "awards.manage": _("组织考评、评选和公示"),
    "beds.view": _("查看家庭养老床位和设备"),
    "beds.edit": _("办理家庭养老床位、改造和设备"),
    "beds.accept": _("验收家庭养老床位"),
    "devices.signal": _("接收设备信号"),
    "devices.admit": _("开通设备接入"),
    "meals.view": _("查看助餐"),
    "meals.count": _("计餐"),
    "meals.edit": _("登记就餐老人、供餐范围、送餐车和月账"),
    "volunteering.view": _("查看志愿组织和活动"),
    "volunteering.edit": _("登记志愿组织"),
    "volunteering.record": _("登记志愿活动"),
    "merchants.edit": _("登记商家优惠"),
    "services.view": _("查看服务订单"),
    "services.take": _("受理和取消服务请求"),
    "services.dispatch": _("派单、改派"),
    "services.answer": _("接单、拒单、指定护理员"),
    "services.serve": _("登记服务开始和完成"),
    "services.workers": _("登记服务机构、护理员、证书和班次"),
    "services.catalogue": _("发布服务目录"),
    "evidence.view": _("查看服务凭据和核对提示"),
    "evidence.decide": _("核定订单凭据（采信或不采信）"),
    "evidence.override": _("主管补录服务起止（写明理由）"),
    "callbacks.make": _("抽样回访、登记评价"),
    "complaints.view": _("查看投诉和事故"),
    "complaints.handle": _("受理、答复投诉"),
    "incidents.report": _("报告事故"),
    "settlement.view": _("查看购买合同和结算"),
    "settlement.manage": _("登记购买合同、单价和服务对象"),
    "settlement.prepare": _("编制月度结算、处理例外、送签"),
    "settlement.sign": _("结算签字"),
    "settlement.appraise": _("考核服务机构"),
    "visits.enclosures": _("查看探访所附的位置和照片"),
    "sites.plan": _("测算设施选址"),
}

_LOOK = {"people.view", "duties.view", "indicators.view"}
_FIELD = {"people.view", "people.correct", "duties.view", "visits.record", "indicators.view"}
_OFFICE = _LOOK | {
    "people.edit", "people.correct", "people.unmask", "people.import", "people.export", "people.merge", "assessment.record",
    "duties.excuse", "visits.record", "visits.enter_for", "helpers.manage", "plans.make",
}  # fmt: skip
_ANSWERS = {"ledger.view", "ledger.progress", "awards.view", "awards.nominate"}
_LEADS = {"ledger.view", "ledger.sign", "ledger.approve", "meetings.view", "awards.view", "awards.vote"}
_CHASES = _ANSWERS | {
    "ledger.manage",
    "ledger.sign",
    "meetings.view",
    "meetings.manage",
    "awards.vote",
    "awards.manage",
}
_SITES = {"facilities.view", "facilities.report", "facilities.edit"}
MATRIX = {
    "leader": _LOOK | {"people.export", "facilities.view", "facilities.sign"},
    "clerk": _OFFICE
    | _SITES
    | {"duties.manage", "indicators.freeze", "places.manage", "facilities.inspect", "facilities.sign"},
    "community_clerk": _LOOK | _SITES | {"people.export", "facilities.inspect"},
    "secretary": {"indicators.view", "facilities.view"},
    "finance": {"indicators.view", "facilities.view"},
    "township_worker": _OFFICE | _SITES,
    "village_worker": _FIELD
    | {"people.edit", "people.unmask", "duties.excuse", "visits.enter_for", "facilities.view", "facilities.report"},
    "helper": _FIELD | {"people.unmask"},
    "assessor": {"people.view", "assessment.record"},
    "operator": set(),
    "dispatcher": set(),
    "care_worker": set(),
    "volunteer_leader": set(),
    "inspector": {"facilities.view", "facilities.inspect"},
    "system_admin": {"accounts.manage"},
    "security_admin": {"policy.manage"},
    "audit_admin": {"audit.view"},
}
for _role in ("clerk", "community_clerk", "secretary"):
    MATRIX[_role] = MATRIX[_role] | {"programmes.draft"}
for _role in (
    "leader",
    "clerk",
    "community_clerk",
    "secretary",
    "finance",
    "township_worker",
    "village_worker",
    "inspector",
):
    MATRIX[_role] = MATRIX[_role] | {"programmes.view"}
for _role in ("clerk", "community_clerk", "secretary", "township_worker"):
    MATRIX[_role] = MATRIX[_role] | {"programmes.enter"}
for _role in ("leader", "clerk", "community_clerk", "secretary", "finance", "township_worker"):
    MATRIX[_role] = MATRIX[_role] | {"bulletins.view"}
for _role in ("clerk", "community_clerk", "secretary"):
    MATRIX[_role] = MATRIX[_role] | {"bulletins.draft", "bulletins.templates"}
for _role in ("clerk", "community_clerk", "secretary", "township_worker"):
    MATRIX[_role] = MATRIX[_role] | {"bulletins.forms"}
for _role in ("leader", "secretary"):
    MATRIX[_role] = MATRIX[_role] | {"bulletins.issue"}
for _role, _more in {
    "leader": _LEADS,
    "clerk": _CHASES,
    "community_clerk": _ANSWERS | {"meetings.view", "awards.vote"},
    "secretary": _CHASES,
    "township_worker": _ANSWERS,
}.items():
    MATRIX[_role] = MATRIX[_role] | _more
_WATCHES = {"beds.view", "meals.view", "volunteering.view"}
_CARES = _WATCHES | {
    "beds.edit", "beds.accept", "devices.signal", "meals.count", "meals.edit", "volunteering.edit", "volunteering.record",
    "merchants.edit",
}  # fmt: skip
for _role, _more in {
    "leader": _WATCHES,
    "clerk": _CARES | {"devices.admit"},
    "community_clerk": _WATCHES | {"volunteering.edit", "volunteering.record", "merchants.edit"},
    "finance": {"meals.view"},
    "township_worker": _CARES,
    "village_worker": {"meals.view", "meals.count", "volunteering.view", "volunteering.record"},
    "operator": {"beds.view", "beds.edit", "meals.view", "meals.count"},
    "volunteer_leader": {"volunteering.view", "volunteering.record"},
    "inspector": {"beds.view", "beds.accept"},
}.items():
    MATRIX[_role] = MATRIX[_role] | _more
_DESK = {"services.view", "services.take", "services.dispatch", "services.answer"}
for _role, _more in {
    "leader": {"services.view"},
    "clerk": _DESK | {"services.workers", "services.catalogue"},
    "community_clerk": {"services.view"},
    "township_worker": _DESK,
    "village_worker": {"services.view", "services.take"},
    "operator": {"services.view", "services.answer", "services.serve", "services.workers"},
    "dispatcher": _DESK | {"people.view", "people.unmask"},
    "care_worker": {"services.view", "services.answer", "services.serve"},
}.items():
    MATRIX[_role] = MATRIX[_role] | _more
_CHECKS = {"evidence.view", "complaints.view", "settlement.view"}
for _role, _more in {
    "leader": _CHECKS | {"settlement.sign"},
    "clerk": _CHECKS
    | {"evidence.decide", "callbacks.make", "complaints.handle", "settlement.manage", "settlement.prepare"}
    | {"settlement.sign", "settlement.appraise", "evidence.override"},
    "finance": _CHECKS | {"settlement.prepare", "settlement.sign"},
    "township_worker": _CHECKS | {"evidence.decide", "callbacks.make", "complaints.handle"},
    "dispatcher": {"evidence.view", "callbacks.make", "complaints.view", "complaints.handle", "incidents.report"},
    "operator": _CHECKS | {"evidence.override", "incidents.report"},
    "care_worker": {"incidents.report"},
    "community_clerk": {"complaints.view", "complaints.handle"},
}.items():
    MATRIX[_role] = MATRIX[_role] | _more

for _role in ("clerk", "township_worker"):
    MATRIX[_role] = MATRIX[_role] | {"visits.enclosures"}

for _role in ("leader", "clerk", "community_clerk", "township_worker"):
    MATRIX[_role] = MATRIX[_role] | {"sites.plan"}

# What a family member's link may do for its one person, beside reading: order, rate, complain (people.family.acting_for).
FAMILY_MAY = frozenset({"services.take", "callbacks.make", "complaints.handle"})


def allows(role: str, permission: str) -> bool:
    """Whether a role holds a permission; an unknown permission is a programming error, not a "no"."""
    if permission not in PERMISSIONS:
        raise KeyError(permission)
    return permission in MATRIX[role]


_SERVES = ("people.view", "services.answer", "services.serve", "meals.count")


def names_people(role: str) -> bool:
    """Whether a role is shown names of older people: who cares for them is; who only checks or pays sees a number (P12)."""
    return any(allows(role, each) for each in _SERVES)


def incompatible(role: str, held: set[str]) -> set[str]:
    """Roles already held that may not be held beside `role`: administrators stand alone."""
    if role in ADMINISTRATORS:
        return held - {role}
    return held & ADMINISTRATORS


def who_grants(permission: str) -> list[str]:
    """Names of roles that hold a permission, for the page that refuses: whom to ask."""
    names = dict(ROLES)
    return [str(names[role]) for role, held in MATRIX.items() if permission in held]
