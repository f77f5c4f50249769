"""The older person's file: who they are, where they live, how they are, who looks in, and where each fact came from."""

import pghistory
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from songhe.registry.people.rules import new_uid
from songhe.registry.people.terms import CIRCUMSTANCES, EVENTS, FAMILY_SCOPES, LIVING, RARE_LIVING, RELATIONS, STATUSES
from songhe.registry.places.models import AreaScoped, Place


def _unindexed(*names: str, to: object = Place) -> dict:
    """Foreign keys of a history table without an index each: history is read by the row it belongs to, and written often."""
    return {
        name: models.ForeignKey(
            to,
            models.DO_NOTHING,
            null=True,
            db_index=False,
            db_constraint=False,
            related_name="+",
            related_query_name="+",
        )
        for name in names
    }


_SCOPE = ("village", "town", "county", "city")


class Household(AreaScoped):
    """People under one roof. `number` is the household register's number, kept sealed."""

    number_sealed = models.BinaryField(null=True)

    class Meta:
        verbose_name = _("家庭户")


class ImportBatch(AreaScoped):
    """One roster brought in: previewed, confirmed, undone; the original file is kept, sealed."""

    STATES = [
        ("previewed", _("已预览")),
        ("running", _("导入中")),
        ("done", _("已导入")),
        ("refused", _("未导入")),
        ("undone", _("已撤销")),
    ]
    village = models.ForeignKey(Place, models.PROTECT, related_name="+", null=True)  # the area of whoever imports
    file_name = models.CharField(_("文件名"), max_length=200)
    sha256 = models.CharField(max_length=64)
    stored_as = models.CharField(max_length=200, blank=True)
    state = models.CharField(_("状态"), max_length=10, choices=STATES, default="previewed")
    source = models.CharField(_("数据来源"), max_length=120, blank=True)
    mapping = models.JSONField(_("列对应"), default=dict)
    progress = models.IntegerField(_("已处理行"), default=0)
    rows = models.IntegerField(_("总行数"), default=0)
    added = models.IntegerField(_("新增"), default=0)
    updated = models.IntegerField(_("更新"), default=0)
    unchanged = models.IntegerField(_("无变化"), default=0)
    rejected = models.IntegerField(_("有误"), default=0)
    errors = models.JSONField(_("错误"), default=list, help_text="[{row, column, reason, reason_en}]")
    warnings = models.JSONField(_("提醒"), default=list, help_text="[{row, column, reason, reason_en}]")
    origin = models.CharField(max_length=7, default="import")
    made_by = models.IntegerField(default=0)
    post_id_made = models.IntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("导入批次")


@pghistory.track(
    pghistory.UpdateEvent(row=pghistory.Old), pghistory.DeleteEvent(row=pghistory.Old), obj_field=None, context_field=None,
    exclude=["search", "name_sort"],
    attrs=_unindexed(*_SCOPE, "hukou_place") | _unindexed("household", to="people.Household")
    | _unindexed("batch", to="people.ImportBatch") | _unindexed("merged_into", to="people.Person"),
    meta={"indexes": [models.Index(fields=["id", "pgh_created_at"], name="personevent_person")]},
)  # fmt: skip
class Person(AreaScoped):
    """An older person (老年人). Rows before a change are kept by the database (`PersonEvent`), with time and who.

    The residence village is the scope; `hukou_place` may differ (人户分离). ID number, phone and address are sealed
    (SM4-GCM) and found by blind index (HMAC-SM3); screens show them masked.
    """

    village = models.ForeignKey(  # no constraint to check for each of a million imported rows: places are never deleted
        Place, models.PROTECT, related_name="+", db_index=False, db_constraint=False, verbose_name=_("村（社区）")
    )
    uid = models.UUIDField(default=new_uid, unique=True, editable=False)
    name = models.CharField(_("姓名"), max_length=40)
    former_name = models.CharField(_("曾用名"), max_length=40, blank=True)
    name_sort = models.CharField(max_length=240, editable=False, db_collation="C")
    search = SearchVectorField(editable=False)
    sex = models.CharField(_("性别"), max_length=1, choices=[("m", _("男")), ("f", _("女"))])
    birth = models.DateField(_("出生日期"))
    id_sealed = models.BinaryField(_("证件号码"), null=True)
    id_blind = models.BinaryField(null=True, editable=False)
    phone_sealed = models.BinaryField(_("联系电话"), null=True)
    phone_blind = models.BinaryField(null=True, editable=False)
    address_sealed = models.BinaryField(_("居住地址"), null=True)
    longitude = models.FloatField(_("经度"), null=True)
    latitude = models.FloatField(_("纬度"), null=True)
    hukou_place = models.ForeignKey(
        Place, models.PROTECT, related_name="+", null=True, db_index=False, db_constraint=False
    )
    hukou_text = models.CharField(_("户籍地"), max_length=120, blank=True)
    household = models.ForeignKey(
        Household, models.SET_NULL, null=True, related_name="members", db_index=False, db_constraint=False
    )
    living = models.CharField(_("居住方式"), max_length=16, choices=LIVING, blank=True)
    marital = models.CharField(_("婚姻"), max_length=10, blank=True)
    ethnicity = models.CharField(_("民族"), max_length=20, blank=True)
    status = models.CharField(_("状态"), max_length=12, choices=STATUSES, default="living")
    status_from = models.DateField(_("状态起始"), null=True)
    tags = models.IntegerField(_("当前困难情形"), default=0, help_text=_("位图，由有效的困难情形记录推出"))
    ability_level = models.SmallIntegerField(_("能力等级"), null=True)
    ability_on = models.DateField(_("评估日期"), null=True)
    ability_due = models.DateField(_("应复评日期"), null=True)
    case_file_on = models.DateField(_("建档日期"), null=True)
    helper_named = models.BooleanField(_("已明确帮扶人"), default=False)
    source = models.CharField(_("来源"), max_length=60, blank=True)
    verified_by = models.IntegerField(_("核实账号"), null=True)
    verified_on = models.DateField(_("核实日期"), null=True)
    origin = models.CharField(max_length=7, default="entered")
    batch = models.ForeignKey(
        ImportBatch, models.SET_NULL, null=True, related_name="people", db_index=False, db_constraint=False
    )
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="merged_from", db_index=False, db_constraint=False
    )
    changed_at = models.DateTimeField(auto_now=True)
    changed_by = models.IntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("老年人")
        db_table = "people_person"
        constraints = [
            models.UniqueConstraint(
                fields=["id_blind"],
                condition=Q(merged_into__isnull=True),
                name="person_id_once",
                violation_error_message=_("该证件号已有档案，请打开原档案修改，不要重复建档。"),
            ),
            models.CheckConstraint(
                condition=Q(status="living") | Q(status_from__isnull=False),
                name="person_status_dated",
                violation_error_message=_("变更状态须写明日期。"),
            ),
        ]
        indexes = [
            models.Index(fields=["village", "name_sort", "id"], name="person_village_sort"),
            models.Index(fields=["town", "name_sort", "id"], name="person_town_sort"),
            models.Index(fields=["county", "name_sort", "id"], name="person_county_sort"),
            models.Index(fields=["city", "name_sort", "id"], name="person_city_sort"),
            models.Index(fields=["phone_blind"], name="person_phone"),
            models.Index(fields=["town", "name_sort", "id"], name="person_special_town", condition=~Q(tags=0)),
            models.Index(fields=["county", "name_sort", "id"], name="person_special_county", condition=~Q(tags=0)),
            models.Index(fields=["city", "name_sort", "id"], name="person_special_city", condition=~Q(tags=0)),
            models.Index(
                fields=["county", "ability_level", "name_sort", "id"],
                name="person_ability_county",
                condition=Q(ability_level__isnull=False),
            ),
            models.Index(
                fields=["city", "ability_level", "name_sort", "id"],
                name="person_ability_city",
                condition=Q(ability_level__isnull=False),
            ),
            models.Index(
                fields=["county", "ability_due"], name="person_due_county", condition=Q(ability_due__isnull=False)
            ),
            models.Index(
                fields=["city", "ability_due"], name="person_due_city", condition=Q(ability_due__isnull=False)
            ),
            models.Index(
                fields=["county", "status", "name_sort", "id"],
                name="person_status_county",
                condition=~Q(status="living"),
            ),
            models.Index(
                fields=["city", "status", "name_sort", "id"], name="person_status_city", condition=~Q(status="living")
            ),
            models.Index(
                fields=["county", "name_sort", "id"], name="person_helped_county", condition=Q(helper_named=True)
            ),
            models.Index(fields=["city", "name_sort", "id"], name="person_helped_city", condition=Q(helper_named=True)),
            models.Index(
                fields=["county", "living", "name_sort", "id"],
                name="person_living_county",
                condition=Q(living__in=RARE_LIVING),
            ),
            models.Index(
                fields=["city", "living", "name_sort", "id"],
                name="person_living_city",
                condition=Q(living__in=RARE_LIVING),
            ),
            models.Index(fields=["household"], name="person_household", condition=Q(household__isnull=False)),
            models.Index(fields=["merged_into"], name="person_merged", condition=Q(merged_into__isnull=False)),
            models.Index(fields=["birth"], name="person_birth"),
            GinIndex(fields=["search"], name="person_search", fastupdate=True),
        ]

    def __str__(self):
        return self.name

    def age(self, on) -> int:
        """Full years on a day."""
        return on.year - self.birth.year - ((on.month, on.day) < (self.birth.month, self.birth.day))


class FieldSource(models.Model):
    """Where one field's value came from, from when it holds, and who verified it; absent = as the whole file says."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="field_sources")
    field = models.CharField(max_length=40)
    source = models.CharField(_("来源"), max_length=60)
    valid_from = models.DateField(_("起始日期"), null=True)
    verified_by = models.IntegerField(null=True)
    verified_on = models.DateField(_("核实日期"))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "field"], name="field_source_once")]


def _from_to(model_fields: list[str]) -> list:
    span = Func(F("valid_from"), Coalesce("valid_to", Value("infinity")), function="daterange")
    return [*((field, RangeOperators.EQUAL) for field in model_fields), (span, RangeOperators.OVERLAPS)]


@pghistory.track(
    pghistory.UpdateEvent(row=pghistory.Old), pghistory.DeleteEvent(row=pghistory.Old), obj_field=None, context_field=None,
    attrs=_unindexed(*_SCOPE) | _unindexed("batch", to="people.ImportBatch") | _unindexed("person", to="people.Person"),
    meta={"indexes": [models.Index(fields=["person", "pgh_created_at"], name="circumstanceevent_person")]},
)  # fmt: skip
class Circumstance(AreaScoped):
    """A special circumstance (独居、空巢、特困 …) of a person from–to, with source, verifier and age of the fact."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="circumstances")
    kind = models.CharField(_("困难情形"), max_length=24, choices=[(c.code, c.label) for c in CIRCUMSTANCES])
    valid_from = models.DateField(_("起始日期"))
    valid_to = models.DateField(_("终止日期"), null=True)
    source = models.CharField(_("来源"), max_length=60)
    verified_by = models.IntegerField(null=True)
    verified_on = models.DateField(_("核实日期"), null=True)
    detail = models.JSONField(default=dict, help_text=_("残疾证号段、等级等"))
    batch = models.ForeignKey(
        ImportBatch, models.SET_NULL, null=True, related_name="+", db_index=False, db_constraint=False
    )

    class Meta:
        verbose_name = _("困难情形")
        db_table = "people_circumstance"
        constraints = [
            ExclusionConstraint(
                name="circumstance_not_twice",
                expressions=_from_to(["person", "kind"]),
                violation_error_message=_("同一情形的日期不能重叠。"),
            )
        ]
        indexes = [models.Index(fields=["kind", "village"], name="circumstance_kind")]


class Contact(models.Model):
    """Somebody to call: relative, neighbour, friend; in order of priority."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="contacts")
    name = models.CharField(_("姓名"), max_length=40)
    relation = models.CharField(_("关系"), max_length=16, choices=RELATIONS)
    phone_sealed = models.BinaryField(_("电话"), null=True)
    phone_blind = models.BinaryField(null=True, editable=False)
    priority = models.SmallIntegerField(_("顺序"), default=1)
    lives_near = models.BooleanField(_("住在附近"), default=False)

    class Meta:
        verbose_name = _("联系人")
        ordering = ["priority", "pk"]
        indexes = [models.Index(fields=["phone_blind"], name="contact_phone", condition=Q(phone_blind__isnull=False))]


class Benefit(models.Model):
    """An allowance or certificate held from–to (低保、高龄津贴、残疾证 …)."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="benefits")
    kind = models.CharField(_("种类"), max_length=40)
    level = models.CharField(_("等级"), max_length=20, blank=True)
    number_sealed = models.BinaryField(null=True)
    valid_from = models.DateField(_("起始日期"))
    valid_to = models.DateField(_("终止日期"), null=True)
    source = models.CharField(_("来源"), max_length=60, blank=True)


class Consent(models.Model):
    """What a person (or guardian) agreed to, when, on which paper, and until when (PIPL art. 28–29).

    `scope`: what a family member may see (terms.FAMILY_SCOPES), or "" for any other matter.
    """

    person = models.ForeignKey(Person, models.CASCADE, related_name="consents")
    purpose = models.CharField(_("事项"), max_length=40)
    scope = models.CharField(_("家属可看"), max_length=16, choices=FAMILY_SCOPES, blank=True, default="")
    given_by = models.CharField(_("同意人"), max_length=40)
    given_on = models.DateField(_("同意日期"))
    withdrawn_on = models.DateField(_("撤回日期"), null=True)
    paper = models.CharField(_("凭据"), max_length=120, blank=True)


class FamilyLink(models.Model):
    """A family member's way to the page of one person: an address nobody can guess, kept as its digest, and a code by SMS.

    It ends when it is revoked, when its day comes, or when the person takes back the consent "family_page".
    """

    person = models.ForeignKey(Person, models.CASCADE, related_name="family_links")
    contact = models.ForeignKey(Contact, models.CASCADE, related_name="family_links", verbose_name=_("家属"))
    digest = models.BinaryField(_("摘要"), unique=True, help_text="SHA-256")
    made_by = models.IntegerField(_("经办账号"))
    made_at = models.DateTimeField(_("建立时间"), auto_now_add=True)
    ends_on = models.DateField(_("到期日"))
    revoked_at = models.DateTimeField(_("停用时间"), null=True)
    revoked_by = models.IntegerField(null=True)
    opened_at = models.DateTimeField(_("最近打开"), null=True)

    class Meta:
        verbose_name = _("家属链接")
        ordering = ["-pk"]


class FamilyCode(models.Model):
    """A code sent to a family member: its digest, until when, how many wrong entries."""

    link = models.ForeignKey(FamilyLink, models.CASCADE, related_name="codes")
    digest = models.BinaryField()
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    attempts = models.SmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("家属验证码")


class CodeChange(models.Model):
    """The person's own code was changed: from `at` on another one holds (service_code.py). The codes themselves are kept nowhere."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="code_changes")
    at = models.DateTimeField(_("时间"))
    reason = models.CharField(_("原因"), max_length=60)
    by = models.IntegerField(_("经办账号"), default=0)

    class Meta:
        verbose_name = _("服务码更换")
        ordering = ["-pk"]


class LifeEvent(AreaScoped):
    """Something that happened to a person and what follows from it (duties close, a queue opens)."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="events")
    kind = models.CharField(_("事件"), max_length=20, choices=EVENTS)
    on = models.DateField(_("日期"))
    note = models.CharField(_("说明"), max_length=200, blank=True)
    detail = models.JSONField(default=dict, help_text=_("迁居前后的村（社区）等，供撤销"))
    source = models.CharField(_("来源"), max_length=60, blank=True)
    by = models.IntegerField(default=0)
    recorded_at = models.DateTimeField(auto_now_add=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("生命事件")
        constraints = [
            models.UniqueConstraint(
                fields=["person", "kind", "on"], condition=Q(undone_at=None), name="life_event_once"
            )
        ]
        indexes = [models.Index(fields=["recorded_at"], name="life_event_recorded")]


class Assessment(AreaScoped):
    """An ability assessment: GB/T 42195-2022 in full, or another scale's result recorded beside it (never converted)."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="assessments")
    scale = models.CharField(_("量表"), max_length=16)
    version = models.CharField(max_length=40)
    reason = models.CharField(_("评估原因"), max_length=16)
    on = models.DateField(_("评估日期"))
    answers = models.JSONField(default=dict)
    subtotals = models.JSONField(default=dict)
    total = models.SmallIntegerField(_("总分"), null=True)
    initial_level = models.SmallIntegerField(_("初步等级"), null=True)
    adjustments = models.JSONField(default=list)
    level = models.SmallIntegerField(_("最终等级"), null=True)
    result_text = models.CharField(max_length=60, blank=True)
    assessors = ArrayField(models.CharField(max_length=40), verbose_name=_("评估员"), default=list)
    informant = models.CharField(_("信息提供者"), max_length=40, blank=True)
    informant_relation = models.CharField(max_length=16, blank=True)
    agency = models.CharField(_("评估机构"), max_length=80, blank=True)
    valid_to = models.DateField(_("有效期至"), null=True)
    recorded_at = models.DateTimeField(auto_now_add=True)
    recorded_by = models.IntegerField(default=0)

    class Meta:
        verbose_name = _("能力评估")
        constraints = [
            models.CheckConstraint(
                condition=~Q(scale="gbt42195") | Q(assessors__len__gte=2),
                name="assessment_two_assessors",
                violation_error_message=_("能力评估须两名评估员签字（GB/T 42195-2022 表 C）。"),
            )
        ]


class Merge(AreaScoped):
    """Two files found to be one person: what moved, so that it can be undone."""

    kept = models.ForeignKey(Person, models.PROTECT, related_name="merges")
    absorbed = models.ForeignKey(Person, models.PROTECT, related_name="absorbed_in")
    moved = models.JSONField(default=dict)
    reason = models.CharField(_("理由"), max_length=200)
    by = models.IntegerField()
    at = models.DateTimeField(auto_now_add=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("档案合并")


class ImportChange(models.Model):
    """What one import changed in a file that existed before, so that the batch can be undone."""

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="changes")
    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    before = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["batch", "person"], name="import_change_once")]
