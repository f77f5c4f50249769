"""People over HTTP: inside the area, masked, page by page, and every read in the audit."""

import pytest

from songhe.core import acting
from songhe.core.models import AuditEvent
from tests.world import AREA, DIRECT, FAR, NEXT_COUNTY, OTHER_CITY, OWN, SISTER


def _audited(verb):
    with acting.acting([], sees_audit="yes"):
        return list(AuditEvent.objects.filter(verb=verb).order_by("id"))


def _villages(call, place):
    status, said = call.get("/people", place=place, size=200)
    assert status == 200
    return {row["village"] for row in said["rows"]}


def test_the_list_ends_at_the_area(caller):
    assert _villages(caller("helper", OWN), OWN) == {OWN}
    assert _villages(caller("township_worker", "990101001"), "990101001") == {OWN, SISTER}
    assert _villages(caller("clerk", "990101"), "990101") == {OWN, SISTER, FAR}
    assert _villages(caller("clerk", "990101"), FAR) == {FAR}
    assert _villages(caller("leader", "990100"), "990100") == {OWN, SISTER, FAR, NEXT_COUNTY}
    assert _villages(caller("leader", "990000"), "990000") == {OWN, SISTER, FAR, NEXT_COUNTY, OTHER_CITY, DIRECT}
    assert _villages(caller("clerk", AREA), AREA) == {SISTER, FAR}


def test_pages_give_everybody_once(call, world):
    seen, after = [], ""
    for _ in range(10):
        _, page = call.get("/people", place="990101", size=2, **({"after": after} if after else {}))
        seen += [row["id"] for row in page["rows"]]
        after = page["next"]
        if not after:
            break
    assert sorted(seen) == sorted(p.pk for code in (OWN, SISTER, FAR) for p in world.people[code])


def test_filters_narrow(call):
    assert len(call.get("/people", place=OWN, circumstance="living_alone")[1]["rows"]) == 3
    assert call.get("/people", place=OWN, circumstance="dementia")[1]["rows"] == []
    assert call.get("/people", place=OWN, status="deceased")[1]["rows"] == []
    assert call.get("/people", place=OWN, age_from=100)[1]["rows"] == []
    assert call.get("/people", place=OWN, helper="named")[1]["rows"] == []


def test_a_file_is_masked_and_its_reading_kept(call, world):
    person = world.people[OWN][0]
    status, said = call.get(f"/people/{person.uid}")
    assert (status, said["id"], said["name"]) == (200, person.pk, person.name)
    assert "13000000000" not in str(said)
    assert "*" in said["phone"]
    (row,) = _audited("people.read")
    assert (row.subject_id, row.area_id, row.user_id) == (person.pk, person.village_id, call.post_held.user_id)


def test_a_list_is_audited_once_with_its_count(call):
    call.get("/people", place=OWN)
    (row,) = _audited("people.list")
    assert row.detail == {"rows": 3, "filters": []} | {"filters": row.detail["filters"]}
    call.post("/people/search", {"text": "王秀英", "place": OWN})
    (row,) = _audited("people.search")
    assert row.detail["rows"] == 1
    assert "王" not in str(row.detail)


@pytest.mark.parametrize("text", ["王秀英", "秀英", "wxy", "WXY"])
def test_search_stays_inside(caller, world, text):
    call = caller("helper", OWN)
    status, said = call.post("/people/search", {"text": text})
    assert status == 200
    assert {row["village"] for row in said["rows"]} <= {OWN}
    assert world.people[OWN][0].pk in [row["id"] for row in said["rows"]]


def test_no_file_from_outside(caller, world):
    call = caller("helper", OWN)
    for code in (SISTER, FAR, NEXT_COUNTY, OTHER_CITY, DIRECT):
        assert call.get(f"/people/{world.people[code][0].uid}")[0] == 404
    assert _audited("people.read") == []


def test_a_figure_opens_as_many_rows_as_it_says(call):
    from django.utils import timezone

    today = timezone.localdate().isoformat()
    for name in ("helper_named", "case_file_complete", "stale_facts"):
        figure = call.get(f"/indicators/{name}/figures", place="990101", period=today)[1][0]
        for side, count in (
            ("numerator", figure["numerator"]),
            ("rest", figure["denominator"] - figure["numerator"]),
            ("all", figure["denominator"]),
        ):
            rows = call.get(f"/indicators/{name}/subjects", place="990101", period=today, side=side, size=200)[1][
                "rows"
            ]
            assert len(rows) == count


def test_figures_are_open_to_a_secretary_but_no_names(caller):
    call = caller("secretary", "990101")
    assert call.get("/indicators/helper_named/figures", place="990101", period="2026-11")[0] == 200
    assert call.get("/indicators/helper_named/subjects", place="990101", period="2026-11", side="all")[0] == 403
    assert call.get("/people", place="990101")[0] == 403
