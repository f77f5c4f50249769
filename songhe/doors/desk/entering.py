"""One form, one action: the page on which something is entered about a bed, a meal point, a group or a merchant."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from songhe.core.refusal import Refusal


@dataclass(frozen=True)
class Entry:
    """A form about something: its words, the permission it needs and the action it calls."""

    title: Any
    form: type[forms.Form]
    verb: Callable
    permission: str
    lead: Any = ""


def entered(
    request, entry: Entry, *, back: str, about: dict[str, Any], initial: dict[str, Any], shaped: Callable[[dict], dict] | None = None,
    offered: dict[str, list] | None = None, of: Any = None, then: Callable[[Any], str] | None = None,
):  # fmt: skip
    """Show the form; sent and right, call the action with `about` and go back (or to `then(result)`). Nothing entered is lost."""
    more = {"offered": offered} if offered is not None else {}
    form = entry.form(request.POST if request.method == "POST" else None, initial=initial, **more)
    if request.method == "POST" and form.is_valid():
        try:
            given = shaped(dict(form.cleaned_data)) if shaped else form.cleaned_data
            made = entry.verb(by=request.user, post=request.post, **about, **given)
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, _("已登记。"))
            return redirect(then(made) if then else back)
    context = {
        "form": form, "facility": of, "title": entry.title, "lead": entry.lead, "back_url": back, "period": None,
        "invented": any(_origin(row) == "demo" for row in about.values()),
    }  # fmt: skip
    return render(request, "desk/facility_form.html", context, status=422 if form.errors else 200)


def _origin(row: Any) -> str:
    """Where the person came from whom a row is (or is about)."""
    return getattr(getattr(row, "person", row), "origin", "")
