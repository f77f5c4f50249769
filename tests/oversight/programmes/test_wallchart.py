"""The wall chart: every site under its township, its plan counted back, its light with a reason."""

from datetime import date

from songhe.core import acting
from songhe.oversight.programmes import wallchart
from songhe.registry.facilities import actions as facilities
from tests import world as w


def chart(programme, on, place=None):
    with acting.everywhere():
        return wallchart.sheets(programme=programme, on=on, place=place)[0]


def test_sites_stand_under_their_township_with_what_is_owed(world, programme, station):
    station(w.OWN, "一站", date(2023, 8, 1))
    with acting.everywhere():
        facilities.register(
            by=None,
            post=None,
            place=world[w.FAR],
            kind="day_care_station",
            name="三站",
            on=date(2023, 7, 1),
            status="site_chosen",
        )
    sheet = chart(programme, date(2023, 9, 1))
    assert [(row.place.code, row.owed, len(row.cells), row.missing) for row in sheet.rows] == [
        ("990101001", 2, 1, 1), ("990101002", 1, 1, 0)
    ]  # fmt: skip
    assert [(s.reached, s.due, s.counted) for s in sheet.steps] == [
        ("site_chosen", date(2023, 7, 3), True), ("started", date(2023, 8, 2), True), ("done", date(2023, 10, 31), False)
    ]  # fmt: skip
    lights = {cell.site.name: (cell.light.colour, cell.light.reason) for row in sheet.rows for cell in row.cells}
    assert lights == {"一站": ("green", "met"), "三站": ("red", "overdue")}
    assert sheet.lights == {"green": 1, "yellow": 0, "red": 1, "none": 1}
    assert sheet.statuses == {"done": 1, "site_chosen": 1}


def test_a_past_day_shows_what_stood_then(world, programme, station):
    station(w.OWN, "一站", date(2023, 8, 1))
    assert [len(row.cells) for row in chart(programme, date(2023, 7, 31)).rows] == [0, 0]
    assert len(chart(programme, date(2023, 8, 1), world["990101001"]).rows) == 1


def test_a_closed_site_leaves_the_chart(world, programme, station):
    site = station(w.OWN, "一站", date(2023, 8, 1))
    with acting.everywhere():
        facilities.move(by=None, post=None, facility=site, status="closed", on=date(2023, 9, 1), reason="房屋收回")
    assert len(chart(programme, date(2023, 8, 31)).rows[0].cells) == 1
    assert len(chart(programme, date(2023, 9, 2)).rows[0].cells) == 0
