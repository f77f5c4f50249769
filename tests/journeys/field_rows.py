"""What the telephone's journeys ask the database afterwards."""

from songhe.care.visits.models import Visit
from songhe.core.acting import everywhere


def rows() -> list[Visit]:
    """Every record, in the order it was written."""
    with everywhere():
        return list(Visit.objects.order_by("id"))


def audited() -> list[int]:
    """Visits that stand in the audit, as often as they stand there."""
    from tests.conftest import as_owner

    found = as_owner("SELECT jsonb_array_elements(detail -> 'visits') FROM core_audit WHERE verb = 'visits.record'")
    return sorted(pk for (pk,) in found)


def whole(count: int) -> None:
    """Exactly so many rows, none twice, each in the audit once."""
    found = rows()
    assert len(found) == count
    assert len({row.client_uuid for row in found}) == count
    assert audited() == sorted(row.id for row in found)
    assert {row.channel for row in found} <= {"phone"}
