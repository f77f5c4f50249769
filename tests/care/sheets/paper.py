"""An invented office: sheets printed, ticked with an invented pen, photographed by an invented unsteady hand. All by seed.

truth, picture = photographed(sheet_pixels, geometry, rows=15, seed=7)
truth[(3, "d2.call")]     -> "tick", "cross", "faint", "heavy", "struck" or "" (empty)
"""

import itertools
import math

import cv2
import numpy as np

from songhe.care.visits.sheets import draw, layout

DPI = 200
PX = DPI / 25.4
TICKED = ("tick", "cross", "faint", "heavy", "line")
WORDS = draw.Words(
    marks=("电", "上", "没"),
    columns={
        **{f"o.{code}": word for code, word in zip(layout.OUTCOMES, ("不适", "住院", "外出", "拒绝"), strict=True)},
        **{f"n.{code}": word for code, word in zip(layout.NEEDS, ("缴费", "代购", "亲属", "谈心", "就医", "其他"), strict=True)},
    },
    row="行", name="姓名", outcome="情况", needs="需要", note="备注",
    foot=("见到本人或打通了，在当天格里打勾。", "改错：把格子涂满。"),
)  # fmt: skip


def printed(rows: int = 15, number: str = "", page: int = 1) -> tuple[np.ndarray, layout.Code]:
    """A blank sheet as grey pixels at 200 dpi, and its code."""
    import pypdfium2

    code = layout.Code(number or "23456789" + layout._check("23456789"), page, rows, "2026-W46", "990101001001")
    days = [(day, str(9 + at)) for at, day in enumerate("一二三四五六日")]
    names = ["王秀英", "李建国", "张玉兰", "欧阳春花", "买买提·吐尔逊江"]
    page_ = draw.Page(code, "探访纸单", ["帮扶人员 演示甲 · 虚构村", "2026年第46周 11月9日–15日"], days,
                      [(n, names[n % 5]) for n in range(1, rows + 1)], "演示")  # fmt: skip
    data = draw.pdf([page_], layout.layout(), WORDS)
    document = pypdfium2.PdfDocument(data)
    try:
        return np.asarray(document[0].render(scale=DPI / 72, grayscale=True).to_pil().convert("L")), code
    finally:
        document.close()


def marked(sheet: np.ndarray, geometry: dict, rows: int, rng: np.random.Generator, share: float = 0.16):
    """Ticks by an invented pen: (what stands in each box, the page)."""
    page = sheet.astype(np.float32)
    truth = {}
    pen, shade = rng.uniform(0.35, 0.75), rng.uniform(20, 90)
    for key, (x, y) in layout.boxes(geometry, rows).items():
        if rng.random() >= share:
            truth[key] = ""
            continue
        kind = rng.choice(["tick", "cross", "faint", "heavy", "line", "struck"], p=[0.5, 0.2, 0.08, 0.08, 0.08, 0.06])
        truth[key] = str(kind)
        _draw(page, str(kind), x, y, geometry["box"], pen, shade, rng)
    _dirt(page, geometry, rng)
    return truth, np.clip(page, 0, 255)


def _dirt(page, geometry, rng):
    """Specks, and on some sheets the crease of a fold."""
    wide, high = geometry["paper"]
    for _ in range(int(rng.integers(0, 60))):
        at = np.array([rng.uniform(5, wide - 5), rng.uniform(5, high - 5)])
        _ink(page, [at, at + rng.uniform(0.05, 0.4, 2)], rng.uniform(0.2, 0.5), rng.uniform(60, 180))
    if rng.random() < 0.3:
        x = rng.uniform(60, wide - 60)
        _ink(page, [np.array([x, 2.0]), np.array([x + rng.normal(0, 2), high - 2])], 0.2, rng.uniform(150, 200))


def _draw(page, kind, x, y, size, pen, shade, rng):
    def jitter(spread=0.35):
        return rng.normal(0, spread, 2)

    mm = lambda px, py, s=0.35: np.array([x + px * size, y + py * size]) + jitter(s)  # noqa: E731
    strokes, width, grey = [], pen, shade
    if kind in ("tick", "faint", "heavy"):
        far = rng.uniform(0.85, 1.35)
        strokes = [[mm(0.12, 0.5), mm(0.4, 0.85), mm(far, 0.1 - (far - 0.9) * 0.6)]]
    if kind == "faint":
        grey, width = rng.uniform(150, 185), rng.uniform(0.3, 0.5)
    if kind == "heavy":
        width = rng.uniform(0.9, 1.2)
    if kind == "cross":
        strokes = [[mm(0.1, 0.1), mm(0.92, 0.9)], [mm(0.9, 0.1), mm(0.1, 0.92)]]
    if kind == "line":
        strokes = [[mm(0.15, 0.85), mm(0.95, 0.1)]]
    if kind == "struck":
        turns = int(rng.integers(6, 11))
        zigzag = [mm(0.05 + 0.9 * (n % 2), 0.05 + 0.9 * n / (turns - 1), 0.2) for n in range(turns)]
        strokes, width = [zigzag, [mm(0.1, 0.9), mm(0.9, 0.1)]], max(pen, 0.55)
    for stroke in strokes:
        _ink(page, _curved(stroke, rng), width, grey)


def _ink(page, points, width, grey):
    """A line through points (mm), drawn on the part of the page it touches."""
    points = np.array(points) * PX
    low = np.maximum(points.min(axis=0).astype(int) - 12, 0)
    high = points.max(axis=0).astype(int) + 12
    part = page[low[1] : high[1], low[0] : high[0]]
    ink = np.zeros(part.shape, np.uint8)
    moved = ((points - low) * 16).astype(np.int32).reshape(-1, 1, 2)
    cv2.polylines(ink, [moved], False, 255, max(1, round(width * PX)), cv2.LINE_AA, 4)
    share = ink.astype(np.float32) / 255
    part[:] = np.minimum(part, part * (1 - share) + grey * share)


def _curved(points, rng):
    out = [points[0]]
    for before, after in itertools.pairwise(points):
        bow = rng.normal(0, 0.25, 2)
        out += [before + (after - before) * t + bow * math.sin(math.pi * t) for t in (0.25, 0.5, 0.75, 1.0)]
    return out


def photograph(page: np.ndarray, rng: np.random.Generator, *, angle=None, quality=None) -> bytes:
    """The page on a table, turned up to 4°, bent, badly lit, blurred, noisy, as JPEG."""
    high, wide = page.shape
    page = _bent(page.astype(np.float32), rng)
    scale = rng.uniform(0.8, 1.25)
    angle = rng.uniform(-4, 4) if angle is None else angle
    margin = rng.uniform(0.04, 0.1)
    out_w, out_h = int(wide * scale * (1 + 2 * margin)), int(high * scale * (1 + 2 * margin))
    corners = np.array([[0, 0], [wide, 0], [wide, high], [0, high]], np.float32)
    centre = np.array([wide / 2, high / 2])
    turn = math.radians(angle)
    spin = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
    target = (corners - centre) @ spin.T * scale + np.array([out_w / 2, out_h / 2])
    target += rng.uniform(-0.018, 0.018, (4, 2)) * wide * scale
    matrix = cv2.getPerspectiveTransform(corners, target.astype(np.float32))
    table = float(rng.uniform(60, 150))
    seen = cv2.warpPerspective(page, matrix, (out_w, out_h), flags=cv2.INTER_AREA, borderValue=table)
    seen = _lit(seen, rng)
    seen = cv2.GaussianBlur(seen, (0, 0), rng.uniform(0.4, 1.1))
    seen += rng.normal(0, rng.uniform(1.5, 5), seen.shape)
    good = int(quality or rng.integers(45, 90))
    return cv2.imencode(".jpg", np.clip(seen, 0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, good])[1].tobytes()


def _bent(page, rng):
    high, wide = page.shape
    xs, ys = np.meshgrid(np.arange(wide, dtype=np.float32), np.arange(high, dtype=np.float32))
    rise = rng.uniform(0, 0.6) * PX
    phase = rng.uniform(0, 2 * math.pi, 2)
    ys2 = ys + rise * np.sin(xs / wide * 2 * math.pi + phase[0])
    xs2 = xs + rise * 0.6 * np.sin(ys / high * 2 * math.pi + phase[1])
    return cv2.remap(page, xs2.astype(np.float32), ys2.astype(np.float32), cv2.INTER_LINEAR, borderValue=245)


def _lit(seen, rng):
    """A lamp on one side, a darker corner, the soft shadow of a hand."""
    high, wide = seen.shape
    xs, ys = np.meshgrid(np.linspace(-1, 1, wide), np.linspace(-1, 1, high))
    towards = rng.uniform(0, 2 * math.pi)
    light = 1 - rng.uniform(0.05, 0.28) * (1 + xs * math.cos(towards) + ys * math.sin(towards)) / 1.4
    px, py, wideness = rng.uniform(-0.9, 0.9), rng.uniform(-0.9, 0.9), rng.uniform(0.15, 0.5)
    edge = (xs - px) * math.cos(towards) + (ys - py) * math.sin(towards)
    light *= 1 - rng.uniform(0, 0.35) / (1 + np.exp(-edge / (wideness * 0.15)))
    return seen * light.astype(np.float32) * rng.uniform(0.8, 1.0)


def photographed(sheet: np.ndarray, geometry: dict, rows: int, seed: int) -> tuple[dict, bytes]:
    rng = np.random.default_rng(seed)
    truth, page = marked(sheet, geometry, rows, rng, share=rng.uniform(0.05, 0.3))
    return truth, photograph(page, rng)
