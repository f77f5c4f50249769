"""The tool that keeps the English beside the Chinese."""

import sys
from pathlib import Path

import polib
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

import translations  # noqa: E402


def test_templates_are_read():
    text = """{% load i18n %}<c-card title="{% translate "本周" %}">{% blocktranslate trimmed %}
      看这 {{ count }} 行{% endblocktranslate %}{# {% translate "注释" %} #}{% translate "五月" context "月份" %}"""
    assert list(translations.in_template(text, "a.html")) == [
        (None, "本周", None),
        (None, "看这 %(count)s 行", None),
        ("月份", "五月", None),
    ]


def test_modules_are_read_under_any_alias():
    text = (
        "from django.utils.translation import gettext_lazy as _, ngettext as many, pgettext\n"
        'A = _("甲" "乙")\nB = many("%(n)s 人", "%(n)s 人们", 2)\nC = pgettext("境", "丙")\nD = other("丁")\n_(A)\n'
    )
    assert sorted(translations.in_python(text, "a.py"), key=str) == [
        ("境", "丙", None),
        (None, "%(n)s 人", "%(n)s 人们"),
        (None, "甲乙", None),
    ]


def test_a_sentence_put_together_is_refused():
    text = 'from django.utils.translation import gettext as _\n_(f"共{3}人")\n'
    with pytest.raises(ValueError, match=r"a\.py:2"):
        list(translations.in_python(text, "a.py"))


@pytest.fixture
def catalogue():
    found = {(None, "旧", None): ["a.py"], (None, "看 %(n)s 行", None): ["a.py"]}
    return found, translations.merge(
        translations.read(Path("absent.po")), found, {"旧": "old", "看 %(n)s 行": "see %(n)s"}
    )


def test_unused_sentences_sleep_and_wake(catalogue):
    found, first = catalogue
    second = translations.merge(first, {(None, "新", None): ["b.py"]}, {})
    assert [(e.msgid, e.obsolete) for e in second] == [("新", False), ("旧", True), ("看 %(n)s 行", True)]
    third = translations.merge(polib.pofile(str(second)), found, {})
    assert [(e.msgid, e.msgstr) for e in third] == [("旧", "old"), ("看 %(n)s 行", "see %(n)s")]


def test_the_check_complains_of_each_fault(catalogue, tmp_path, monkeypatch):
    monkeypatch.setattr(translations, "ROOT", tmp_path)
    found, good = catalogue
    mo = tmp_path / "django.mo"
    assert translations.faults(good, found, mo) == ["django.mo is not compiled from the catalogue"]
    mo.write_bytes(translations.compiled(good))
    assert translations.faults(good, found, mo) == []
    assert translations.faults(good, {(None, "旧", None): ["a.py"]}, mo) == ["stale: '看 %(n)s 行'"]
    assert translations.faults(good, found | {(None, "新", None): ["b.py"]}, mo) == ["untranslated: '新' (b.py)"]
    good.find("看 %(n)s 行").msgstr = "see %(m)s"
    mo.write_bytes(translations.compiled(good))
    assert translations.faults(good, found, mo) == ["placeholders differ: '看 %(n)s 行' → 'see %(m)s'"]
