"""A weekly sheet as PDF, exact to a tenth of a millimetre: boxes, corner marks and square code drawn, words set around them.

pdf([Page(code, title="探访纸单", facts=[…], days=[("一", "9"), …], rows=[(1, "王秀英"), …])], layout("week1"), WORDS) -> bytes
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from songhe.care.visits.sheets.layout import MARKER_BITS, Code, boxes

FONT = "'Noto Sans CJK SC', 'Noto Sans SC', 'Noto Serif CJK SC', 'AR PL UKai CN', sans-serif"
NAME_WIDTH = 20.5


@dataclass(frozen=True)
class Page:
    """One page. `days`: (weekday, day of month); `rows`: (row number of the sheet, name); `demo`: the mark, or ""."""

    code: Code
    title: str
    facts: Sequence[str]
    days: Sequence[tuple[str, str]]
    rows: Sequence[tuple[int, str]]
    demo: str = ""


@dataclass(frozen=True)
class Words:
    """The printed words: marks of a day in their order, outcomes and needs by their columns, and the lines at the foot."""

    marks: Sequence[str]
    columns: dict[str, str]
    row: str
    name: str
    outcome: str
    needs: str
    note: str
    foot: Sequence[str]


def pdf(pages: Sequence[Page], geometry: dict, words: Words, lang: str = "zh-CN") -> bytes:
    """The pages as one PDF file."""
    from weasyprint import HTML  # takes seconds to import: only where something is printed

    width, height = geometry["paper"]
    body = "".join(_page(page, geometry, words) for page in pages)
    style = (
        f"@page {{ size: {width}mm {height}mm; margin: 0 }} * {{ margin: 0; padding: 0 }}"
        f" body {{ font-family: {FONT}; color: #000 }}"
        f" .page {{ position: relative; width: {width}mm; height: {height}mm; overflow: hidden; break-after: page }}"
        " .page:last-child { break-after: auto } .page > div, .page > svg { position: absolute }"
        " .page > div { white-space: nowrap; line-height: 1.15 } .c { text-align: center }"
    )
    title = escape(pages[0].title) if pages else ""
    html = f"<!doctype html><html lang='{lang}'><head><title>{title}</title><style>{style}</style></head><body>{body}</body></html>"
    return HTML(string=html, url_fetcher=_nothing).write_pdf()


def _nothing(url: str):
    raise ValueError(f"a sheet fetches nothing: {url[:60]}")


def _page(page: Page, geometry: dict, words: Words) -> str:
    return f"<div class='page'>{_drawing(page, geometry)}{_head(page, geometry)}{_heads(page, geometry, words)}{_rows(page, geometry)}{_foot(geometry, words)}</div>"


def _text(x: float, y: float, size: float, said: str, css: str = "", width: float = 0) -> str:
    """A line of text; `size` in points. With `width` it is centred in it."""
    centred = f"width:{width:.2f}mm;" if width else ""
    return f"<div class='{css}' style='left:{x:.2f}mm;top:{y:.2f}mm;font-size:{size}pt;{centred}'>{escape(said)}</div>"


def _drawing(page: Page, geometry: dict) -> str:
    width, height = geometry["paper"]
    size, line = geometry["box"], geometry["line"]
    parts = [_marker(int(name), x, y, geometry["marker"]) for name, (x, y) in geometry["markers"].items()]
    parts.append(_qr(page.code.text(), *geometry["qr"]))
    first, last = geometry["first"], geometry["first"] + len(page.rows) * geometry["pitch"]
    rules = [first + n * geometry["pitch"] for n in range(len(page.rows) + 1)]
    parts += [f"<path d='M8 {y:.2f}H289' stroke='#bbb' stroke-width='.12'/>" for y in rules]
    edges = [x - 1.0 for column, x in geometry["columns"] if column.endswith(".call")]
    edges += [x - 1.5 for column, x in geometry["columns"] if column in ("o.unwell", "n.top_up")]
    edges.append(max(x for _, x in geometry["columns"]) + size + 1.5)
    parts += [f"<path d='M{x:.2f} {first - 10:.2f}V{last:.2f}' stroke='#bbb' stroke-width='.12'/>" for x in edges]
    parts += [
        f"<rect x='{x:.2f}' y='{y:.2f}' width='{size}' height='{size}' fill='none' stroke='#000' stroke-width='{line}'/>"
        for x, y in boxes(geometry, len(page.rows)).values()
    ]
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' style='left:0;top:0' width='{width}mm' height='{height}mm' "
        f"viewBox='0 0 {width} {height}'>{''.join(parts)}</svg>"
    )


def _marker(name: int, x: float, y: float, size: float) -> str:
    step = size / 6
    cells = "".join(
        f"M{x + column * step:.3f} {y + row * step:.3f}h{step:.3f}v{step:.3f}h-{step:.3f}z"
        for row, bits in enumerate(MARKER_BITS[name])
        for column, bit in enumerate(bits)
        if bit == "1"
    )
    return f"<rect x='{x}' y='{y}' width='{size}' height='{size}' fill='#000'/><path d='{cells}' fill='#fff'/>"


def _qr(text: str, x: float, y: float, size: float) -> str:
    import segno

    matrix = [bytes(row) for row in segno.make(text, error="q", micro=False, boost_error=False).matrix_iter(border=4)]
    step = size / len(matrix)
    cells = "".join(
        f"M{x + column * step:.3f} {y + row * step:.3f}h{step:.3f}v{step:.3f}h-{step:.3f}z"
        for row, line in enumerate(matrix)
        for column, dark in enumerate(line)
        if dark
    )
    return f"<path d='{cells}' fill='#000' shape-rendering='crispEdges'/>"


def _head(page: Page, geometry: dict) -> str:
    parts = [_text(20, 8, 17, page.title)]
    if page.demo:
        parts.append(_text(200, 10, 13, page.demo))
    parts += [_text(20, 17.2 + at * 5.6, 11, fact) for at, fact in enumerate(page.facts)]
    number = page.code.number
    parts.append(_text(geometry["qr"][0] - 46, 25.5, 11, f"{number[:3]} {number[3:6]} {number[6:]}", "c", 44))
    return "".join(parts)


def _heads(page: Page, geometry: dict, words: Words) -> str:
    size, top = geometry["box"], geometry["first"] - 9.6
    at = dict(geometry["columns"])
    parts = [_text(8, top + 4.6, 8, words.row), _text(15.5, top + 4.6, 9, words.name)]
    for day, (weekday, number) in enumerate(page.days, 1):
        left = at[f"d{day}.call"]
        parts.append(_text(left - 1, top, 9.5, f"{weekday} {number}", "c", 19))
        for mark, word in zip(("call", "visit", "nobody"), words.marks, strict=True):
            parts.append(_text(at[f"d{day}.{mark}"] - 0.8, top + 5, 8, word, "c", size + 1.6))
    parts.append(_text(at["o.unwell"] - 1.5, top, 9, words.outcome, "c", 30.4))
    parts.append(_text(at["n.top_up"] - 1.5, top, 9, words.needs, "c", 45.6))
    for column, word in words.columns.items():
        parts.append(_text(at[column] - 1.6, top + 5, 7.5, word, "c", size + 3.2))
    parts.append(_text(max(at.values()) + size + 3, top + 4.6, 9, words.note))
    return "".join(parts)


def _rows(page: Page, geometry: dict) -> str:
    parts = []
    for at, (number, name) in enumerate(page.rows):
        middle = geometry["first"] + at * geometry["pitch"] + geometry["pitch"] / 2
        size = min(12.0, 2.83 * NAME_WIDTH / max(1, sum(0.55 if c.isascii() else 1 for c in name)))
        parts.append(_text(8, middle - 2.4, 11, str(number), "c", 6.5))
        parts.append(_text(15.5, middle - size * 0.2, round(size, 1), name))
    return "".join(parts)


def _foot(geometry: dict, words: Words) -> str:
    top = geometry["first"] + geometry["rows"] * geometry["pitch"] + 2.2
    return "".join(_text(20, top + at * 4.6, 9.5, line) for at, line in enumerate(words.foot))
