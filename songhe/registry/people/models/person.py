"""The person: who they are and where they live."""

import pghistory
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from songhe.registry.people.models.history import SCOPE, unindexed
from songhe.registry.people.models.rosters import ImportBatch
from songhe.registry.people.rules import new_uid
from songhe.registry.people.terms import LIVING, RARE_LIVING, STATUSES
from songhe.registry.places.models import AreaScoped, Place


class Household(AreaScoped):
    """People under one roof. `number` is the household register's number, kept sealed."""

    number_sealed = models.BinaryField(null=True)

    class Meta:
        verbose_name = _("家庭户")


@pghistory.track(
    pghistory.UpdateEvent(row=pghistory.Old), pghistory.DeleteEvent(row=pghistory.Old), obj_field=None, context_field=None,
    exclude=["search", "name_sort"],
    attrs=unindexed(*SCOPE, "hukou_place") | unindexed("household", to="people.Household")
    | unindexed("batch", to="people.ImportBatch") | unindexed("merged_into", to="people.Person"),
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
