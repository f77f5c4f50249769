"""Every definition loads, says where it comes from, and every name in it exists."""

import re
from datetime import date
from pathlib import Path

import pytest

from songhe.care.duties import definitions as duties
from songhe.care.visits import pictures
from songhe.insight.indicators import definitions as indicators
from songhe.insight.indicators import sources
from songhe.registry.people import family
from songhe.registry.people.assessment import load_scale
from songhe.registry.people.terms import BITS

FOLDER = Path(__file__).resolve().parents[2] / "songhe" / "definitions"
READ = {"assessment", "boards", "duties", "indicators", "programmes", "reading", "standards", "states", "visits"}
READ |= {"bulletins", "letters"}
READ |= {"ledger", "bodies", "participation", "awards", "appraisal"}  # tests/oversight
READ |= {"family"}
READ |= {"planning"}
READ |= {"beds", "meals", "volunteering"}  # tests/care
READ |= {"services"}  # tests/care/services
READ |= {"evidence", "settlement"}  # tests/care


def test_every_folder_of_definitions_is_read_here():
    assert {folder.name for folder in FOLDER.iterdir() if folder.is_dir() and not folder.name.startswith("__")} == READ


def test_duties_load_and_name_circumstances_that_exist():
    rules = {row["name"]: row for row in duties.rule_rows()}
    assert {"visiting", "pairing"} <= set(rules)
    known = sum(BITS.values())
    for row in rules.values():
        assert row["owed_to"] > 0
        assert row["owed_to"] & ~known == 0
        assert row["source"]["title"], row["name"]
        assert row["source"]["date"], row["name"]


def test_follow_up_loads():
    terms = duties.follow_up()
    assert terms.ladder
    assert terms.back_days > 0


def test_days_that_pictures_are_kept_load():
    assert pictures.read()[0].recorded_days > 0


def test_family_page_and_numbers_load():
    assert family.policy().minutes > 0
    for row in family._numbers():
        assert row["source"]["title"]
        assert set(row["title"]) == {"zh", "en"}


def test_indicators_load_and_name_duties_and_sources_that_exist():
    rules = {row["name"] for row in duties.rule_rows()}
    shipped = indicators.shipped()
    assert {
        "weekly_visiting",
        "pairing",
        "helper_named",
        "case_file_complete",
        "stale_facts",
        "overdue_escalations",
        "assessment_due",
    } <= set(shipped)
    for each in shipped.values():
        assert each.query in sources.SOURCES
        if each.query == "duties_kept":
            assert each.parameters["duty"] in rules, f"{each.name} counts a duty that is not defined"
        if each.query == "people_now":
            assert each.parameters["test"] in sources._TESTS
        for field in ("title", "why", "numerator", "denominator", "acts"):
            assert set(getattr(each, field)) == {"zh", "en"}, f"{each.name}.{field}"
        assert each.source["title"]


@pytest.mark.django_db
def test_every_indicator_can_be_counted(django_assert_max_num_queries):
    """The SQL behind each definition runs for every period it knows."""
    from django.utils import timezone

    from songhe.core import acting, periods
    from songhe.insight.indicators import queries
    from tests.world import World

    world = World()
    with acting.everywhere():
        for each in indicators.shipped().values():
            for kind in each.periods:
                queries.figures(each, world["990101"], periods.containing(kind, timezone.localdate()))


def test_standards_load_and_say_where_they_come_from():
    from songhe.registry.facilities import definitions, rules, terms

    shipped = definitions.standards()
    assert len(shipped) >= 7
    asked = {term.commitment for each in shipped for term in each.terms}
    assert {"R05", "R06", "R07", "R29", "R34", "R39", "R47", "R55", "R70", "R72"} <= asked
    for each in shipped:
        assert each.source["title"], each.name
        assert each.source["date"], each.name
        assert set(each.kinds) <= {code for code, _label in terms.KINDS}
        for term in each.terms:
            assert term.clause.measure in rules.MEASURES
            assert term.where, term.key
    assert definitions.inspecting().rectification_days > 0


def test_boards_load_and_name_indicators_that_exist():
    for file in (FOLDER / "boards").glob("*.yaml"):
        board = indicators.board(file.stem)
        assert board["source"]["title"]
        assert [row["order"] for row in board["rows"]] == sorted(row["order"] for row in board["rows"])


def test_the_scale_loads():
    scale = load_scale()
    assert len(scale.items) == 26


def test_no_amount_or_threshold_in_yuan_stands_in_code():
    """Policy is dated data (HOUSE.md rule 6)."""
    yuan = re.compile(r"\d\s*(?:元|yuan\b)", re.I)
    for file in (FOLDER.parent).rglob("*.py"):
        if "demo" in file.parts or "reading" in file.parts:
            continue
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            assert not yuan.search(line), f"{file.name}:{number}: {line.strip()[:80]}"


def test_reading_words_load():
    from songhe.insight.reading import vocabulary

    assert vocabulary
    for file in (FOLDER / "reading").glob("*.yaml"):
        assert file.read_text(encoding="utf-8").strip(), file.name


def test_programmes_load_and_carry_every_commitment():
    from songhe.oversight.programmes import definitions as programmes

    assert len(programmes.shipped()) >= 5
    assert [name for name, carriers in programmes.commitments().items() if not carriers] == []
    assert programmes.states_on(date(2023, 10, 1))["rows"]
    assert programmes.states_source()["title"]
