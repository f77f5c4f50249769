"""The parts pages are made of, rendered by themselves."""

import re
from types import SimpleNamespace

import pytest
from django import forms
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import RequestFactory
from django_cotton.compiler_regex import CottonCompiler

from songhe.doors.desk.templatetags.desk import light, rate, type_size


def part(source, **context):
    """Render a scrap of template with the parts at hand."""
    return Template("{% load i18n desk %}" + CottonCompiler().process(source)).render(Context(context))


@pytest.mark.parametrize(
    ("level", "shape", "word"),
    [("green", "●", "绿灯"), ("yellow", "▲", "黄灯"), ("red", "■", "红灯"), ("none", "○", "未报"), (None, "○", "未报")],
)
def test_a_light_is_colour_shape_and_word(level, shape, word):
    html = light(level)
    assert f"light-{level or 'none'}" in html
    assert shape in html
    assert word in html


def test_an_unknown_light_is_an_error_not_grey():
    with pytest.raises(ValueError, match="amber"):
        light("amber")


def test_a_rate_shows_its_base():
    text = re.sub(r"<[^>]+>", "", rate(38, 50))
    assert text == "76.0% (38/50)"
    assert re.sub(r"<[^>]+>", "", rate(0, 0)) == "无应办 (0/0)"
    assert "100.0%" not in rate(9_999, 10_000), "a four-100% target must not look met while one is missing"


@pytest.mark.parametrize(
    ("cookie", "size"), [("large", "large"), ("xlarge", "xlarge"), ("huge", "normal"), (None, "normal")]
)
def test_the_type_size_is_one_of_three(cookie, size):
    request = RequestFactory().get("/")
    if cookie:
        request.COOKIES["size"] = cookie
    assert type_size(request) == size


def test_what_people_type_is_escaped():
    html = part(
        '<c-page-header :title="name" /><c-stat :label="name" :numerator="1" :denominator="2" />', name="<b>甲</b>"
    )
    assert "<b>甲" not in html
    assert "&lt;b&gt;甲" in html


class VisitForm(forms.Form):
    name = forms.CharField(label="姓名", help_text="与身份证一致。")
    way = forms.ChoiceField(label="方式", choices=[("a", "上门")], widget=forms.RadioSelect)


def test_the_error_summary_leads_to_controls_that_exist():
    html = part('<c-error-summary :form="form" /><c-form-fields :form="form" />', form=VisitForm({}))
    targets = re.findall(r'href="#([^"]+)"', html)
    assert len(targets) == 2
    for target in targets:
        assert f'id="{target}"' in html
    for described in re.findall(r'aria-describedby="([^"]+)"', html):
        for name in described.split():
            assert f'id="{name}"' in html


def test_a_faultless_form_has_no_summary():
    assert "error-summary" not in part('<c-error-summary :form="form" />', form=VisitForm({"name": "甲", "way": "a"}))


def test_an_unknown_map_outline_gives_valid_json():
    html = part(
        '<c-map id="m" title="图" :geo="geo" :rows="rows" />', geo={"features": []}, rows=[{"name": "</script>"}]
    )
    assert '</script>"' not in html
    assert 'id="m-geo"' in html
    assert 'id="m-rows"' in html


@pytest.mark.parametrize("code", ["400", "403", "403_csrf", "404", "429", "500"])
def test_error_pages_stand_alone_in_two_languages(code):
    html = render_to_string(f"{code}.html")
    assert "怎么办" in html
    assert "What to do" in html


def test_a_refusal_is_told_in_both_languages():
    html = render_to_string("400.html", {"refusal": SimpleNamespace(zh="这一周已经封账。", en="This week is closed.")})
    assert "这一周已经封账。" in html
    assert "This week is closed." in html
