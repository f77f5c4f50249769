"""Find what a page carries round its text, and list it as cut. Nothing is cut without a reason from chrome.yaml."""

import re
from functools import cache

from songhe.insight.reading.text import Cut, normal_char, simplified
from songhe.insight.reading.vocabulary import vocabulary

KEEPS = re.compile(
    r"^\s*(?:附件|附表|附\s*[::]|[一二三四五六七八九十]{1,3}、|[((][一二三四五六七八九十]{1,3}[))]|第[一二三四五六七八九十]+[章条])"
)
SIGNED = re.compile(r"^\s*(?:20\d\d\s*年\s*\d{1,2}\s*月\s*\d{1,2}\s*日|二[〇零○O]\S{2}年\S{1,2}月\S{1,3}日)\s*$")


@cache
def _rules() -> tuple[list[tuple[str, re.Pattern]], list[re.Pattern], list[tuple[str, re.Pattern]]]:
    chrome = vocabulary().chrome
    lines = [(rule["why"], re.compile(rule["match"], re.I)) for rule in chrome["lines"]]
    tails = [re.compile(rule, re.I) for rule in chrome["tails"]]
    inline = [(rule["why"], re.compile(rule["match"], re.I)) for rule in chrome["inline"]]
    return lines, tails, inline


def find_cuts(raw: str) -> list[Cut]:
    """Every stretch to leave out, in order and without overlap."""
    plain = "".join(normal_char(c) for c in simplified(raw)[0])
    lines, tails, inline = _rules()
    cuts: list[Cut] = []
    bounds = [(m.start(), m.end()) for m in re.finditer(r"[^\n]+", plain)]
    tail = _tail(plain, bounds, tails)
    for start, end in bounds:
        if start >= tail:
            cuts.append(Cut(tail, len(raw), "页尾:正文之后的内容"))
            break
        line = plain[start:end]
        if len(line) > 400:
            cuts += _long_line(line, start, lines, tails, len(bounds) < 6)
            cuts += [Cut(start + m.start(), start + m.end(), why) for why, rule in inline for m in rule.finditer(line)]
            continue
        why = next((why for why, rule in lines if rule.match(line)), None)
        if why:
            cuts.append(Cut(start, min(end + 1, len(raw)), why))
        else:
            cuts += [Cut(start + m.start(), start + m.end(), w) for w, rule in inline for m in rule.finditer(line)]
    return _tidy(cuts)


def _long_line(line: str, start: int, lines: list, tails: list, flat: bool) -> list[Cut]:
    """A line of advertising can be long too; a flattened document is not."""
    if flat or re.search("[一二三四五六七八九十]、|。", line):
        return []
    why = next((why for why, rule in lines if rule.match(line)), None)
    return [Cut(start, start + len(line), why)] if why else []


def _tail(plain: str, bounds: list[tuple[int, int]], tails: list[re.Pattern]) -> int:
    """Where the text ends: the first tail marker in the later part with no heading or annex after it."""
    last_keep = 0
    for start, end in bounds:
        line = plain[start : min(end, start + 60)]
        if KEEPS.match(line) or (end - start > 60 and plain[start:end].count("。") >= 2):
            last_keep = start
    for start, end in bounds:
        if start <= last_keep or start < len(plain) * 0.3:
            continue
        if end - start < 200 and any(rule.match(plain[start:end]) for rule in tails):
            return start
    return len(plain) + 1


def _tidy(cuts: list[Cut]) -> list[Cut]:
    tidy: list[Cut] = []
    for cut in sorted(cuts, key=lambda c: (c.start, -c.end)):
        if tidy and cut.start < tidy[-1].end:
            if cut.end > tidy[-1].end:
                tidy[-1] = Cut(tidy[-1].start, cut.end, tidy[-1].why)
            continue
        if cut.end > cut.start:
            tidy.append(cut)
    return tidy
