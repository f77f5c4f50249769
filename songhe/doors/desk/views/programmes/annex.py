"""The allocation table of a programme: a row a place, a column a target, sums by year and by kind of unit."""

from django.utils.translation import gettext as _

from songhe.doors.desk.views.programmes.lines import link
from songhe.oversight.programmes import queries
from songhe.oversight.programmes.definitions import Programme, said
from songhe.oversight.programmes.queries import Line


def table(programme: Programme, targets: list[Line], request) -> dict | None:
    """The allocation table: a row a place, a column a target, each cell what is done of what is owed; sums both ways."""
    annex = programme.data.get("annex")
    if not annex:
        return None
    columns = list(queries.allocation(programme))
    by_id = {line.goal.id: line for line in targets}
    heads = [by_id[c].goal.said("subject") if c in by_id else programme.goal(c).said("subject") for c in columns]
    parts = {c: {part.place.code: part for part in by_id[c].places} if c in by_id else {} for c in columns}
    types = annex.get("types") or {}
    rows = [
        {
            "name": row["name"],
            "year": row.get("year") or "",
            "type": said(types.get(row.get("type"))) if row.get("type") else "",
            "uncertain": said(row.get("uncertain")),
            "cells": [_cell(row["shares"].get(c), parts[c].get(row["place"])) for c in columns],
            "url": link(request, "programmes-owed", area=row["place"]),
        }
        for row in annex["rows"]
    ]
    return {
        "title": said(annex["title"]),
        "years": any(row["year"] for row in rows),
        "types": any(row["type"] for row in rows),
        "heads": heads,
        "rows": rows,
        "sums": _sums(programme, columns, types),
    }


def _cell(owed: int | None, part: Line | None) -> dict:
    return {
        "owed": owed,
        "done": None if part is None or part.actual is None else part.actual,
        "light": part.light if part else "none",
    }


def _sums(programme: Programme, columns: list[str], types: dict) -> list[dict]:
    found = queries.allocation(programme)
    years = found[columns[0]]["by_year"] if columns else {}
    rows = [
        {"name": _("%(year)s 年合计") % {"year": year}, "cells": [found[c]["by_year"][year] for c in columns]}
        for year in years
    ]
    rows += [
        {"name": _("%(kind)s合计") % {"kind": said(types[kind])}, "cells": [found[c]["by_type"][kind] for c in columns]}
        for kind in found[columns[0]]["by_type"]
    ]
    return [*rows, {"name": _("总计"), "cells": [found[c]["total"] for c in columns]}]
