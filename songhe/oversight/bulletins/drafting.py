"""From a month's figures to the words of a bulletin: plain data in, a content for `documents` out. Asks nothing, knows no clock."""

from collections import Counter

from songhe.oversight.bulletins import rules


def compose(
    *,
    layout,
    figures: list[dict],
    before: dict,
    table: list[dict],
    revisions: list[dict],
    targets: list[dict],
    words: dict,
    frame: dict,
    notes: dict[str, str],
    titles: dict[str, str],
) -> dict:
    """A content (see `documents`).

    `figures`: the place's own, in the layout's order; `before` {indicator: value of the month before}; `table`: figures of the
    places below; `revisions`: figures with a "revision"; `targets`: the programme's frozen targets; `notes` and `titles`
    {indicator: its definition in a sentence, its name}; `frame`: mark, number, draft, title, to, signed, edition, site, demo,
    made_at.
    """
    annex = _Annex(notes)
    blocks: list[dict] = [_text([words.get("opening", "")])] if words.get("opening") else []
    parts = [
        ("总体情况", _overall(layout, figures, before, titles, annex)),
        ("目标任务进展", _targets(targets, annex)),
        ("各地情况", _by_place(figures, table, annex)),
        ("数据修订", _revised(revisions, annex) + _revised_targets(targets, annex)),
        ("存在的问题", [_text([line]) for line in _lines(words.get("problems", ""))]),
        ("下一步要求", [_text([line]) for line in _lines(words.get("next", ""))]),
    ]
    for at, (title, inside) in enumerate(((t, b) for t, b in parts if b), 1):
        blocks += [_heading(1, at, title), *inside]
    return frame | {"blocks": blocks, "annex": annex.content()}


class _Annex:
    """Notes in the order in which they are first needed: one for each figure said."""

    def __init__(self, sentences: dict[str, str]):
        self.sentences, self.notes, self.known = sentences, [], {}

    def note(self, key: tuple, text: str, url: str = "") -> int:
        """The number of the note for `key`, made the first time."""
        if key not in self.known:
            self.known[key] = len(self.notes) + 1
            self.notes.append({"n": self.known[key], "text": text, "url": url})
        return self.known[key]

    def figure(self, one: dict) -> int:
        text = (
            f"{one['title']}（{one['place_name']}）：{self.sentences[one['indicator']]}定义版本{one['version'][:8]}。"
            f"截至{_as_of(one['as_of'])}封存。明细："
        )
        return self.note((one["indicator"], one["place_code"], one["as_of"]), text, one["url"])

    def content(self) -> dict:
        return {"title": "数据说明", "notes": self.notes} if self.notes else {}


def _overall(layout, figures: list[dict], before: dict, titles: dict, annex: _Annex) -> list[dict]:
    known = {one["indicator"]: one for one in figures}
    blocks = []
    for at, section in enumerate(layout.sections, 1):
        runs: list = []
        for name in section["indicators"]:
            one = known.get(name)
            if one is None:
                continue
            runs += [
                f"{one['title']}{rules.share(one['numerator'], one['denominator'], one['value'])}",
                {"note": annex.figure(one)},
            ]
            step = rules.change(one["value"], before.get(name))
            runs.append(f"，{step}。" if step else "。")
        missing = [name for name in section["indicators"] if name not in known]
        if missing:
            unsaid = "、".join(titles.get(name, name) for name in missing)
            runs.append(f"{unsaid}本月未封存，未报。")
        blocks += [_heading(2, at, section["title"]), _text(runs)]
    return blocks


def _targets(targets: list[dict], annex: _Annex) -> list[dict]:
    if not targets:
        return []
    counts = Counter(one["state"] for one in targets)
    done = counts["met"] + counts["met_late"]
    said = f"纳入调度的目标任务{len(targets)}项，已完成{done}项，逾期{counts['late']}项，未报{counts['no_figure']}项。"
    late = [one for one in targets if one["state"] == "late"]
    named = "；".join(f"{one['subject']}（期限{one['deadline']}，完成{one['done']}）" for one in late)
    said += f"逾期的是：{named}。" if named else ""
    rows = [
        [one["id"], {"text": f"{one['subject']}{'（' + one['scope'] + '）' if one['scope'] else ''}", "note": _target_note(one, annex)},
         one["wanted"], one["done"], one["deadline"], one["state_zh"]]
        for one in targets
    ]  # fmt: skip
    return [
        _text([said]),
        {
            "kind": "table",
            "caption": "目标任务进展情况",
            "widths": [9, 33, 19, 12, 17, 10],
            "head": ["编号", "目标", "任务数", "完成数", "期限", "状态"],
            "rows": rows,
        },
    ]


def _target_note(one: dict, annex: _Annex) -> int:
    text = f"{one['id']}{one['subject']}：{one['definition']}截至{_as_of(one['as_of'])}封存。{'明细：' if one['url'] else ''}"
    return annex.note((one["id"], one["scope"], one["as_of"]), text, one["url"])


def _by_place(figures: list[dict], table: list[dict], annex: _Annex) -> list[dict]:
    names = [one["indicator"] for one in figures if one["denominator"]][:4]  # a page is 156 mm wide
    if not names or not table:
        return []
    places = dict.fromkeys((one["place_code"], one["place_name"]) for one in table)
    cells = {(one["place_code"], one["indicator"]): one for one in table}
    own = {one["indicator"]: one for one in figures}
    head = ["地区", *({"text": own[name]["title"], "note": annex.figure(own[name])} for name in names)]
    rows = [[name, *(_cell(cells.get((code, indicator))) for indicator in names)] for code, name in places]
    return [
        _text(["各地情况见下表，按行政区划代码排列，每个数均可打开明细。"]),
        {"kind": "table", "caption": "各地指标情况（达成数/应办数）", "head": head, "rows": rows},
    ]


def _cell(one: dict | None) -> dict | str:
    if one is None:
        return "未报"
    return {"text": rules.share(one["numerator"], one["denominator"], one["value"]), "url": one["url"]}


def _revised(revisions: list[dict], annex: _Annex) -> list[dict]:
    """The frozen figure stays; beside it what a later count says, when and why."""
    return [
        _text(
            [
                f"{one['title']}（{one['place_name']}，{_month(one['period'])}）封存数"
                f"{rules.share(one['numerator'], one['denominator'], one['value'])}",
                {"note": annex.figure(one)},
                f"，{_as_of(one['revision']['as_of'])}重新计数为"
                f"{rules.share(one['revision']['numerator'], one['revision']['denominator'], one['revision']['value'])}"
                f"，原因：{one['revision']['reason']}。封存数不改。",
            ]
        )
        for one in revisions
    ]


def _revised_targets(targets: list[dict], annex: _Annex) -> list[dict]:
    return [
        _text(
            [
                f"{one['id']}{one['subject']}封存时完成{one['done']}",
                {"note": _target_note(one, annex)},
                f"，{_as_of(one['revision']['as_of'])}重新计数为{one['revision']['done']}（{one['revision']['state_zh']}），"
                f"原因：{one['revision']['reason']}。封存数不改。",
            ]
        )
        for one in targets
        if one["revision"]
    ]


def letter(*, body: str, frame: dict) -> dict:
    """The content of a letter: its first line is whom it is to, each further line a paragraph."""
    first, *rest = _lines(body) or [""]
    return frame | {"to": first, "blocks": [_text([line]) for line in rest], "annex": {}}


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _text(runs: list) -> dict:
    return {"kind": "text", "runs": runs}


def _heading(level: int, number: int, title: str) -> dict:
    return {"kind": "heading", "level": level, "text": rules.heading(level, number) + title}


def _month(code: str) -> str:
    year, number = code.split("-")
    return f"{year}年{int(number)}月"


def _as_of(text: str) -> str:
    """2023-11-01T08:00:00+08:00 → 2023年11月1日08:00 (the time is already the house's own)."""
    day, _t, clock = text.partition("T")
    year, month, date = day.split("-")
    return f"{year}年{int(month)}月{int(date)}日{clock[:5]}"
