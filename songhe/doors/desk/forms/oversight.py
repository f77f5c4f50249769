"""What the forms of 台账, 督导, 会议, 数据申请 and 考评 share: units in one line, several files, a place to choose, a day."""

from datetime import date

from django import forms
from django.utils.translation import gettext_lazy as _

from songhe.oversight.ledger.rules import split_units

TALL = {"rows": 3}


class Units(forms.CharField):
    """Several units in one line, divided as people do: 、 ， ；."""

    def __init__(self, **kwargs):
        kwargs.setdefault("required", False)
        kwargs.setdefault("help_text", _("几个单位用顿号隔开。"))
        super().__init__(max_length=400, **kwargs)

    def clean(self, value):
        return split_units(super().clean(value))


class ManyFiles(forms.FileInput):
    allow_multiple_selected = True


class Files(forms.FileField):
    """Any number of files; the value is a list."""

    def __init__(self, **kwargs):
        kwargs.setdefault("label", _("佐证材料"))
        kwargs.setdefault("help_text", _("PDF、图片、Word、Excel，每个不超过 30 MB，可选多个。"))
        super().__init__(required=False, widget=ManyFiles(), **kwargs)

    def clean(self, data, initial=None):
        given = data if isinstance(data, (list, tuple)) else [data] if data else []
        return [super(Files, self).clean(each) for each in given]

    def bound_data(self, data, initial):
        return data


def text(label, **kwargs):
    return forms.CharField(label=label, widget=forms.Textarea(attrs=TALL), max_length=4000, **kwargs)


class ByPlace(forms.Form):
    """A form with a place to choose; `places` are those the reader may choose."""

    def __init__(self, *args, places=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.places = {str(place.pk): place for place in places}
        if "place" in self.fields:
            self.fields["place"].choices = [(key, str(place)) for key, place in self.places.items()]

    def clean_place(self):
        return self.places[self.cleaned_data["place"]]


class ReasonForm(forms.Form):
    reason = text(_("理由"))


def read_day(value: str, default: date) -> date:
    """?on=2023-10-20; anything else is today."""
    try:
        return date.fromisoformat(value) if value else default
    except ValueError:
        return default
