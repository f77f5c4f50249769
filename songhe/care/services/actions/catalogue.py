"""Catalogues from definitions into the database: versions are added and end, they are never edited once used."""

from pathlib import Path

from django.db import transaction

from songhe.care.services import definitions
from songhe.care.services.models import Catalogue, Entitlement, Item, Order
from songhe.care.services.standing import allow
from songhe.core import audit
from songhe.core.refusal import Refusal


@transaction.atomic
def sync_catalogues(*, by, post=None, folder: Path | None = None) -> list[Catalogue]:
    """Read every catalogue; new versions come in, an end date is taken over. Again changes nothing.

    A version on which orders stand is not changed: prices change by a new version (Refusal). Raises BadDefinition.
    """
    user = allow(by, post, "services.catalogue")
    kept, fresh = [], {}
    for row in definitions.catalogues(folder):
        row = dict(row)
        items, owed = row.pop("items"), row.pop("entitlements")
        known = Catalogue.objects.filter(name=row["name"], valid_from=row["valid_from"]).first()
        if known is not None and known.version == row["version"]:
            kept.append(known)
            continue
        if known is not None:
            known = _replace(known, row, items, owed)
        else:
            known = Catalogue.objects.create(**row)
            _fill(known, items, owed)
        fresh[known.name] = known.version
        kept.append(known)
    if fresh:
        audit.note("services.sync_catalogues", "catalogue", None, by=user, versions=fresh)
    return kept


def _fill(catalogue: Catalogue, items: list[dict], owed: list[dict]) -> None:
    Item.objects.bulk_create(Item(catalogue=catalogue, **row) for row in items)
    Entitlement.objects.bulk_create(Entitlement(catalogue=catalogue, **row) for row in owed)


def _replace(known: Catalogue, row: dict, items: list[dict], owed: list[dict]) -> Catalogue:
    """The same version with other contents: only while nobody has ordered from it; its end may always be set."""
    if Order.objects.filter(item__catalogue=known).exists():
        if not _only_ends(known, items):
            raise Refusal(
                "catalogue_used",
                zh=f"“{known}”（{known.valid_from} 起）已有订单，不能改价格或项目。请另出一个新版本。",
                en=f"“{known}” (from {known.valid_from}) has orders; its prices and services cannot change. Publish a new version.",
            )
        Catalogue.objects.filter(pk=known.pk).update(valid_to=row["valid_to"], version=row["version"])
    else:
        known.items.all().delete()
        known.entitlements.all().delete()
        Catalogue.objects.filter(pk=known.pk).update(**row)
        _fill(known, items, owed)
    known.refresh_from_db()
    return known


def _only_ends(known: Catalogue, items: list[dict]) -> bool:
    """Whether nothing but dates or entitlements differs: the services and their prices stand as they stood."""
    stands = {(i.code, f"{i.price:.2f}", i.minutes, i.carers) for i in known.items.all()}
    return stands == {(i["code"], f"{float(i['price']):.2f}", i["minutes"], i["carers"]) for i in items}
