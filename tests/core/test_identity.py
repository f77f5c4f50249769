"""ID numbers, telephones and masks: the tables, and never a crash."""

from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from songhe.core import identity
from songhe.core.identity import check_character, mask_address, mask_id, mask_name, mask_phone, read_id, read_phone
from tests.core.specs import cases

TODAY = date(2026, 11, 22)
ANYTHING = st.none() | st.text(max_size=40) | st.floats() | st.integers() | st.booleans() | st.dates()


def codes(problems):
    return " ".join(p.code for p in problems)


@pytest.mark.parametrize(("given_cells", "expected"), cases("id_numbers"))
def test_id_numbers(given_cells, expected):
    found = read_id(given_cells[0], TODAY)
    assert [found.number, found.birth, found.sex or "", codes(found.problems)] == expected


@pytest.mark.parametrize(("given_cells", "expected"), cases("phones"))
def test_phones(given_cells, expected):
    found = read_phone(given_cells[0])
    assert [found.number, found.kind, codes(found.problems)] == expected


@pytest.mark.parametrize(("given_cells", "expected"), cases("masks"))
def test_masks(given_cells, expected):
    mask = {"id": mask_id, "phone": mask_phone, "name": mask_name, "address": mask_address}[given_cells[0]]
    assert mask(given_cells[1]) == expected[0]


@pytest.mark.parametrize(
    ("first17", "kind"),
    [
        ("99068219400101123", "specimen"),
        ("81000019400101002", "permit"),
        ("83000019400101002", "permit"),
        ("91112419400101002", "foreigner"),
        ("13068219400101002", "resident"),
    ],
)
def test_kinds_by_prefix(first17, kind):
    found = read_id(first17 + check_character(first17), TODAY)
    assert found.kind == kind
    assert not found.problems


def test_a_strange_area_only_warns():
    first17 = "47010119400101002"
    found = read_id(first17 + check_character(first17), TODAY)
    assert found.ok
    assert [p.level for p in found.problems] == ["warning"]


def test_numbers_that_excel_made_floats_are_refused():
    assert codes(read_id(990682194001011233.0).problems) == "id_scientific"
    assert read_id(990682194001011233).number == "990682194001011233"


def test_the_future_and_the_impossible_are_refused():
    for born in ("20270101", "18900101"):
        first17 = f"990682{born}002"
        assert codes(read_id(first17 + check_character(first17), TODAY).problems) == "id_birth_range"


def test_one_wrong_digit_or_two_swapped_are_always_seen():
    number = "99068219400101002X"
    for at in range(17):
        for digit in "0123456789":
            if digit != number[at]:
                assert not read_id(number[:at] + digit + number[at + 1 :]).ok
    for at in range(16):
        if number[at] != number[at + 1]:
            assert not read_id(number[:at] + number[at + 1] + number[at] + number[at + 2 :]).ok


def test_other_numbers_of_a_cell_are_kept():
    found = read_phone("13800001234/0312-2551234")
    assert (found.number, found.others) == ("13800001234", ("0312-2551234",))


def test_area_code_completes_a_local_number():
    found = read_phone("2551234", area_code="0312")
    assert (found.number, found.kind) == ("0312-2551234", "landline")


def test_messages_never_repeat_a_whole_number():
    for cell in ("990682194001011234", "99068219400101123", "9906A8219400101123"):
        for problem in read_id(cell).problems:
            assert cell not in problem.zh + problem.en


@given(ANYTHING)
@example("9" * 400)
@example("1e400")
@example("².0")
def test_reading_never_crashes_and_always_explains(value):
    for found in (read_id(value, TODAY), read_phone(value)):
        assert found.ok or found.problems
        for problem in found.problems:
            assert problem.zh
            assert problem.en
    text = str(value)
    for mask in (mask_id, mask_phone, mask_name, mask_address):
        mask(text)


@given(st.dates(date(1900, 1, 1), date(2026, 11, 1)), st.integers(0, 999))
def test_every_well_made_number_is_read_back(born, sequence):
    first17 = f"990682{born:%Y%m%d}{sequence:03d}"
    found = read_id(first17 + check_character(first17), TODAY)
    assert (found.birth, found.sex) == (born, "male" if sequence % 2 else "female")


def test_repaired_numbers_read_the_same_again():
    for cell in ("99068219400101002x", "990682 19400101 1233", "990682400101123"):
        once = read_id(cell).number
        assert read_id(once) == identity.read_ids([once])[0]
        assert read_id(once).number == once
