"""One Place for every level, province to village; each scoped row carries the integer ids of its places."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Level(models.TextChoices):
    PROVINCE = "province", _("省级")
    CITY = "city", _("地级市")
    COUNTY = "county", _("县级")
    TOWNSHIP = "township", _("乡镇级")
    VILLAGE = "village", _("村级")


LEVELS = [Level.PROVINCE, Level.CITY, Level.COUNTY, Level.TOWNSHIP, Level.VILLAGE]  # high to low
AREA_COLUMN = {Level.CITY: "city_id", Level.COUNTY: "county_id", Level.TOWNSHIP: "town_id", Level.VILLAGE: "village_id"}


class PlaceQuerySet(models.QuerySet):
    def visible_to(self, post):
        """Places whose names a post may see: its own, those below, and those above (see `within` for figures)."""
        return self.filter(post.places_q()) if post else self.none()

    def within(self, post):
        """Places whose rows and figures a post may open: its own and those below."""
        return self.filter(post.inside_q()) if post else self.none()

    def current(self, on):
        """Places that exist on a day (merged and split ones keep their rows and their dates)."""
        return self.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=on), valid_from__lte=on)

    def under(self, place):
        """The place itself and everything below it."""
        return self.filter(place.whole_q())


class Place(models.Model):
    """A division or a functional area, from–to. Codes: 6 digits to county, 9 township, 12 village (GB/T 2260, NBS).

    >>> Place.objects.get(code="130682001").level
    'township'
    """

    code = models.CharField(_("区划代码"), max_length=12)
    name = models.CharField(_("名称"), max_length=60)
    short_name = models.CharField(_("简称"), max_length=60, help_text=_("去掉“居民委员会”“村民委员会”等后缀"))
    level = models.CharField(_("层级"), max_length=10, choices=Level)
    kind = models.CharField(
        _("性质"), max_length=12, choices=[("division", _("行政区划")), ("functional", _("功能区"))], default="division"
    )
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children", verbose_name=_("上级"))
    province = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    city = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    county = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    town = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    functional_area = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="members", verbose_name=_("所属功能区")
    )
    urban_rural = models.CharField(
        _("城乡"), max_length=6, choices=[("urban", _("城镇")), ("rural", _("乡村")), ("", _("未定"))], blank=True
    )
    urban_rural_basis = models.CharField(_("城乡依据"), max_length=40, blank=True)
    longitude = models.FloatField(_("经度"), null=True, help_text="CGCS2000")
    latitude = models.FloatField(_("纬度"), null=True, help_text="CGCS2000")
    outline = models.JSONField(_("边界"), null=True, help_text=_("GeoJSON 几何；村镇没有边界时按点画示意图"))
    outline_source = models.CharField(_("边界来源"), max_length=200, blank=True)
    outline_date = models.DateField(_("边界日期"), null=True)
    map_approval = models.CharField(_("审图号"), max_length=60, blank=True)
    valid_from = models.DateField(_("设立日期"))
    valid_to = models.DateField(_("撤销日期"), null=True)
    source = models.CharField(_("来源"), max_length=200)
    source_date = models.DateField(_("来源日期"), null=True)

    objects = PlaceQuerySet.as_manager()

    class Meta:
        verbose_name = _("地点")
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["code", "valid_from"], name="place_code_once"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=models.F("valid_from")),
                name="place_dates_in_order",
                violation_error_message=_("撤销日期必须晚于设立日期"),
            ),
        ]
        indexes = [models.Index(fields=["parent"], name="place_parent")]

    def __str__(self):
        return self.short_name or self.name

    @property
    def own_column(self) -> str:
        """The column by which rows below this place point at it: `town_id` for a township."""
        if self.kind == "functional":
            return "functional_area_id"
        return f"{'town' if self.level == Level.TOWNSHIP else self.level}_id"

    def whole_q(self, path: str = "") -> Q:
        """The filter for the place itself and everything below it; `path` leads to the place ("place__")."""
        itself = Q(**{f"{path}id": self.pk})
        if self.level == Level.VILLAGE and self.kind == "division":  # nothing below, and no column that would say so
            return itself
        return itself | Q(**{f"{path}{self.own_column}": self.pk})

    @property
    def below(self) -> str | None:
        """The next level down, or None for a village."""
        at = LEVELS.index(self.level)
        return LEVELS[at + 1] if at + 1 < len(LEVELS) else None

    def areas(self) -> dict[str, int | None]:
        """The four scope columns for a row that belongs to this village."""
        if self.level != Level.VILLAGE:
            raise ValueError(f"{self.code} is not a village")
        return {"village_id": self.pk, "town_id": self.town_id, "county_id": self.county_id, "city_id": self.city_id}

    def trail(self) -> list["Place"]:
        """Province to here, for breadcrumbs."""
        chain = [self]
        while chain[-1].parent_id:
            chain.append(chain[-1].parent)
        return chain[::-1]


class PlaceChange(models.Model):
    """A merge, split, renaming or new code, with its date and paper; the old places keep their rows and their history."""

    on = models.DateField(_("生效日期"))
    kind = models.CharField(
        _("变更"),
        max_length=8,
        choices=[("merge", _("合并")), ("split", _("拆分")), ("rename", _("更名")), ("recode", _("代码变更"))],
    )
    before = models.ManyToManyField(Place, related_name="changed_into", verbose_name=_("原地点"))
    after = models.ManyToManyField(Place, related_name="came_from", verbose_name=_("新地点"))
    document = models.CharField(_("依据文件"), max_length=200)
    made_by = models.IntegerField(_("经办账号"), default=0)

    class Meta:
        verbose_name = _("区划变更")


class ScopedQuerySet(models.QuerySet):
    def visible_to(self, post):
        """Rows inside the post's area; nothing without a post. Every door starts here."""
        return self.filter(post.rows_q() | self._laid_at(post.place)) if post else self.none()

    def _laid_at(self, place: Place | None) -> Q:
        """Rows laid at a functional area itself, where the table says at which place a row lies."""
        lies = any(field.name == "place" for field in self.model._meta.fields)
        return Q(place=place) if place and place.kind == "functional" and lies else Q()

    def inside(self, place: Place):
        """Rows of a place at any level (a functional area goes by its member villages, and what is laid at it)."""
        if place.kind == "functional":
            return self.filter(Q(village__functional_area=place) | self._laid_at(place))
        if place.level == Level.PROVINCE:
            return self.filter(village__province=place)
        return self.filter(**{AREA_COLUMN[place.level]: place.pk})


class AreaScoped(models.Model):
    """A row that belongs to a village: integer ids of village, town, county and city for scoping and for counting."""

    village = models.ForeignKey(Place, models.PROTECT, related_name="+", db_index=False, verbose_name=_("村（社区）"))
    town = models.ForeignKey(
        Place,
        models.PROTECT,
        related_name="+",
        null=True,
        db_index=False,
        db_constraint=False,
        verbose_name=_("乡镇（街道）"),
    )
    county = models.ForeignKey(
        Place,
        models.PROTECT,
        related_name="+",
        null=True,
        db_index=False,
        db_constraint=False,
        verbose_name=_("县（市、区）"),
    )
    city = models.ForeignKey(
        Place,
        models.PROTECT,
        related_name="+",
        null=True,
        db_index=False,
        db_constraint=False,
        verbose_name=_("地级市"),
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        abstract = True
