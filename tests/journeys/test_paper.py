"""A township worker prints a sheet, gets it back ticked, uploads its photograph, decides two boxes: the visits are there."""

import numpy as np
import pypdfium2
import pytest

from songhe.care.visits.models import Visit
from songhe.care.visits.sheets import layout
from songhe.core.acting import everywhere
from tests.care.sheets import paper as office


def ticked(pdf: bytes, *marks) -> np.ndarray:
    """The first page of a PDF with these boxes marked: (row, column, kind)."""
    document = pypdfium2.PdfDocument(pdf)
    page = np.array(document[0].render(scale=office.DPI / 72, grayscale=True).to_pil().convert("L")).astype(np.float32)
    places, rng = layout.boxes(layout.layout(), 15), np.random.default_rng(4)
    for row, column, kind in marks:
        office._draw(page, kind, *places[row, column], 4.6, 0.55, 40, rng)
    return page


def test_print_photograph_decide_record(city, visitor, axe, tmp_path):
    page = visitor("town")
    page.goto(city.url("/duties/sheets/"))
    assert axe(page) == []
    with page.expect_download() as printed:
        page.get_by_role("button", name="打印全部").click()
    marks = [(1, "d1.call", "tick"), (1, "d1.visit", "cross"), (2, "d1.call", "struck"), (3, "d1.visit", "struck")]
    sheet = ticked(printed.value.path().read_bytes(), *marks)
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(office.photograph(sheet, np.random.default_rng(8), angle=-3))

    page.goto(city.url("/duties/sheets/"))
    page.set_input_files("input[type=file]", photo)
    page.get_by_role("button", name="上传并识读").click()
    page.get_by_text("看不准的格子").first.wait_for()
    assert page.locator(".doubts > li").count() == 2
    assert page.locator(".doubts img").first.bounding_box()["width"] > 100
    assert axe(page) == []
    page.get_by_role("button", name="登记这一页").click()
    page.get_by_text("没有决定").wait_for()
    assert axe(page) == []
    page.locator(".doubts > li").nth(0).get_by_text("没勾", exact=True).click()
    page.locator(".doubts > li").nth(1).get_by_text("勾了", exact=True).click()
    page.get_by_role("button", name="登记这一页").click()
    page.get_by_text("已登记 3 条探访").wait_for()
    with everywhere():
        made = sorted(Visit.objects.values_list("mode", "channel", "entered_by", "made_by"))
    town, helper = city.users["town"].pk, city.users["helper"].pk
    assert made == [
        ("call", "paper", town, helper), ("home_visit", "paper", town, helper), ("home_visit", "paper", town, helper)
    ]  # fmt: skip


@pytest.mark.parametrize(("size", "width"), [("xlarge", 360), ("large", 1280)])
def test_sheets_in_large_type(city, visitor, axe, size, width):
    page = visitor("town", size=size, width=width)
    for path in ("/duties/sheets/", f"/duties/landline/?helper={city.users['helper'].pk}"):
        page.goto(city.url(path))
        assert axe(page) == []


def test_a_call_by_telephone(city, visitor, axe):
    page = visitor("town")
    page.goto(city.url(f"/duties/landline/?helper={city.users['helper'].pk}"))
    for line in ("1", "2 没接"):
        page.get_by_label("行号和结果").fill(line)
        page.get_by_label("行号和结果").press("Enter")
        page.get_by_text("已代").first.wait_for()
    assert axe(page) == []
    with everywhere():
        assert sorted(Visit.objects.values_list("channel", "outcome")) == [
            ("landline", "no_answer"),
            ("landline", "well"),
        ]
