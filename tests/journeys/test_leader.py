"""A bureau leader drills from the county to the single row: late here, stuck there, and who it is."""

from tests.world import FAR


def test_a_leader_goes_from_the_light_to_the_person(city, visitor, axe):
    page = visitor("leader")
    page.goto(city.url("/"))
    page.locator("#curve svg").wait_for()
    assert axe(page) == []
    stat = page.locator(".stat", has_text="特殊困难老年人探访关爱率")
    assert stat.locator(".rate").first.inner_text().split() == ["0.0%", "(0/9)"]
    stat.locator(".stat-value a").click()  # the indicator by town
    town = city.places["990101002"]
    page.get_by_role("link", name=str(town), exact=True).first.click()
    village = city.places[FAR]
    page.get_by_role("link", name=str(village), exact=True).first.click()
    page.locator(".stat-note a").first.click()  # whom the number counts
    names = page.locator("main tbody th").all_inner_texts()
    assert sorted(names) == sorted(person.name for person in city.people[FAR])
    assert axe(page) == []
    page.locator("main tbody th a").first.click()
    assert names[0] in page.inner_text("h1")


def test_a_stuck_number_opens_its_rows_and_the_map_says_the_same(city, visitor, axe):
    page = visitor("leader", size="xlarge")
    page.goto(city.url("/"))
    assert axe(page) == []
    row = page.locator("tr", has_text=str(city.places["990101001"])).first
    missed = row.locator("td").nth(1)
    assert missed.inner_text().split()[0] == "6"
    missed.locator("a").click()
    assert page.locator(".dues > li").count() == 6
    assert page.get_by_role("link", name="登记").count() == 0  # a leader looks, and records nothing
    page.goto(city.url("/map/"))
    assert "(0/6)" in page.locator("tr", has_text=str(city.places["990101001"])).inner_text()
