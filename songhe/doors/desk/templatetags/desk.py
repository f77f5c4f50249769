"""Small things that stand in table cells, where a component would cost too much: icon, light, rate.

`{% load desk %}` then `{% icon "search" %}`, `{% light row.light %}`, `{% rate 38 50 %}`.
"""

from functools import lru_cache

from django import template
from django.template.loader import get_template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from songhe.care.services.definitions import unit_in
from songhe.insight.indicators.rules import value
from songhe.registry.accounts.rules import names_people
from songhe.registry.facilities import terms

register = template.Library()
PROVISIONS = dict([*terms.ROOMS, *terms.SERVICES])

# level → (shape, word). The shape is drawn as text so that it survives printing, copying and colour blindness.
LIGHTS = {
    "green": ("●", _("绿灯")),
    "yellow": ("▲", _("黄灯")),
    "red": ("■", _("红灯")),
    "none": ("○", _("未报")),
}
SIZES = {"large": "large", "xlarge": "xlarge"}


@register.simple_tag
def icon(name, css=""):
    """One drawing of static/desk/icons.svg, decoration only: the words beside it carry the meaning."""
    return _drawing(name, css)


@lru_cache(maxsize=512)
def _drawing(name, css):
    """A list draws the same two icons a hundred times: made once in a process."""
    return format_html(
        '<svg class="icon {}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        css,
        static("desk/icons.svg"),
        name,
    )


@register.simple_tag
def light(level, text=""):
    """Colour, shape and word of a light. `level`: green, yellow, red, none (also None); `text` replaces the word."""
    level = level or "none"
    if level not in LIGHTS:
        raise ValueError(f"没有这种灯：{level}（只有 {'、'.join(LIGHTS)}）")
    shape, word = LIGHTS[level]
    return format_html(
        '<span class="light light-{}"><span class="light-shape" aria-hidden="true">{}</span> {}</span>',
        level,
        shape,
        text or word,
    )


@register.simple_tag(takes_context=True)
def who(context, person, mark=True):
    """An older person's name (and the mark of an invented one) for those who care for them; for who only checks or pays, their number."""
    post = context["request"].post
    if not (post and names_people(post.role)):
        return f"P{person.pk}"
    return format_html("{}{}", person.name, _invented() if mark and person.origin == "demo" else "")


def _invented():
    return mark_safe(" " + get_template("desk/parts/demo.html").render())  # noqa: S308 — our own template, no value in it


@register.simple_tag
def rate(numerator, denominator):
    """A rate never without its base: {% rate 38 50 %} → 76.0% (38/50); nobody owed → 无应办 (0/0)."""
    shown = value(numerator or 0, denominator or 0)
    return format_html(
        '<span class="rate"><span class="rate-value">{}</span> <span class="rate-base">({}/{})</span></span>',
        f"{shown:.1f}%" if shown is not None else gettext("无应办"),
        f"{numerator or 0:,}",
        f"{denominator or 0:,}",
    )


@register.simple_tag
def provision(code):
    """The words of a room or a service."""
    return PROVISIONS.get(code, code)


@register.filter
def type_size(request):
    """The chosen type size, from the cookie `size`: normal, large, xlarge. Anything else is normal."""
    return SIZES.get(getattr(request, "COOKIES", {}).get("size", ""), "normal")


@register.filter
def field_id(bound):
    """Where the error summary jumps to: the control itself, or the first of a group of them."""
    return f"{bound.auto_id}_0" if bound.field.widget.use_fieldset else bound.id_for_label or bound.auto_id


@register.filter
def service_unit(unit, number=1):
    """What a service is counted in, in the page's language: 次, visit, visits."""
    return unit_in(get_language() or "", unit, float(number))
