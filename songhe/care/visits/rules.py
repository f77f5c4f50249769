"""Arithmetic of visits: is a row fit to be recorded, and what does one keyboard line of a paper sheet say.

clean({"person": 7, "mode": "call", "outcome": "well", "occurred_at": "2026-11-12T09:30:00+08:00"}, now=…, …)
parse_line("3 d12 d14 s13 平安 代购", week=date(2026, 11, 9))
"""

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from difflib import get_close_matches
from zoneinfo import ZoneInfo

from songhe.core.problem import Problem

ZONE = ZoneInfo("Asia/Shanghai")
MODES = ("call", "video", "home_visit", "home_service")
OUTCOMES = ("well", "needs", "unwell", "no_answer", "refused", "hospital", "away", "deceased")
NEEDS = (
    "top_up", "errand", "call_family", "comfort", "doctor", "meal", "bath", "cleaning", "repair", "safety", "other",
)  # fmt: skip
REACHED = ("well", "needs", "unwell")
NOTE_LENGTH = 500


@dataclass(frozen=True)
class Row:
    """One record, fit to be sent to the database."""

    uuid: uuid.UUID
    person: int
    mode: str
    outcome: str
    occurred_at: datetime
    needs: tuple[str, ...] = ()
    note: str = ""
    client_at: datetime | None = None
    recorded_at: datetime | None = None
    made_by: int | None = None

    @property
    def day(self) -> date:
        return self.occurred_at.astimezone(ZONE).date()


@dataclass(frozen=True)
class Limits:
    """How far back a record may lie, in days; how far ahead a clock may be, in minutes. None: no limit back."""

    back_days: int | None
    ahead_minutes: int


def clean(raw: Mapping, *, now: datetime, limits: Limits) -> tuple[Row | None, list[Problem]]:
    """A row from what a form, a phone or a file sent, or what is wrong with it (every fault, not only the first).

    Keys: person, mode, outcome, occurred_at (ISO text or datetime; without a zone it is Shanghai time) or occurred_on
    (a day, for paper), and if wanted uuid, needs, note, client_at, made_by, recorded_at.
    """
    wrong: list[Problem] = []
    person = raw.get("person")
    if isinstance(person, bool) or not isinstance(person, int) or not 0 < person < 2**63:
        wrong.append(_say("person", "没有写明是哪位老人。请选择老人。", "Nobody is named. Choose the person."))
    mode = _one_of("mode", raw.get("mode"), MODES, "方式", "way of contact", wrong)
    outcome = _one_of("outcome", raw.get("outcome"), OUTCOMES, "结果", "outcome", wrong)
    moment = _moment(raw, now, wrong)
    if moment is not None:
        _refuse_time(moment, now, limits, wrong)
    needs = _needs(raw.get("needs") or (), wrong)
    if needs and outcome and outcome not in REACHED:
        wrong.append(
            _say("needs", "没有联系到本人，不能登记发现的需要。请改结果，或去掉需要。", "The person was not reached, so no need was found. Change the outcome or drop the needs.")
        )  # fmt: skip
    note = str(raw.get("note") or "").strip()
    if len(note) > NOTE_LENGTH or "\x00" in note:
        wrong.append(
            _say("note", f"备注有 {len(note)} 字，最多 {NOTE_LENGTH} 字。请缩短。", f"The note has {len(note)} characters; at most {NOTE_LENGTH}. Shorten it.")
        )  # fmt: skip
    number = _uuid(raw.get("uuid"), wrong)
    client_at = _instant(raw.get("client_at"))
    if wrong or moment is None or number is None:
        return None, wrong
    return Row(
        number, int(person), mode, outcome, moment, needs, note, client_at,
        _instant(raw.get("recorded_at")), raw.get("made_by"),
    ), []  # fmt: skip


def _say(code: str, zh: str, en: str) -> Problem:
    return Problem(f"visit_{code}", zh, en)


def _one_of(name: str, value, known: tuple[str, ...], zh: str, en: str, wrong: list[Problem]) -> str:
    if value in known:
        return value
    said = f"“{str(value)[:20]}”" if value else "空的"
    wrong.append(
        _say(name, f"{zh}是{said}，不在可选之内。可选：{'、'.join(known)}。", f'"{str(value)[:20]}" is no {en}. Use: {", ".join(known)}.')
    )  # fmt: skip
    return ""


def _moment(raw: Mapping, now: datetime, wrong: list[Problem]) -> datetime | None:
    moment = _instant(raw["occurred_at"]) if raw.get("occurred_at") else at_noon(raw.get("occurred_on"), now)
    if moment is None:
        wrong.append(
            _say("time", "没有日期，或日期看不懂。请写成 2026-11-12 或 2026-11-12 09:30。", "No date, or one that cannot be read. Write 2026-11-12 or 2026-11-12 09:30.")
        )  # fmt: skip
    return moment


def at_noon(day, now: datetime) -> datetime | None:
    """A paper sheet knows the day only: noon of it, or now if noon is still to come."""
    if isinstance(day, str):
        try:
            day = date.fromisoformat(day.strip())
        except ValueError:
            return None
    if not isinstance(day, date):
        return None
    noon = datetime.combine(day, time(12), ZONE)
    return min(noon, now) if day == now.astimezone(ZONE).date() else noon


def _instant(value) -> datetime | None:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    return value if value.tzinfo else value.replace(tzinfo=ZONE)


def _refuse_time(moment: datetime, now: datetime, limits: Limits, wrong: list[Problem]) -> None:
    if moment > now + timedelta(minutes=limits.ahead_minutes):
        wrong.append(
            _say("future", f"时间 {_shown(moment)} 还没有到。请核对日期和手机时钟。", f"{_shown(moment)} is still to come. Check the date and the phone's clock.")
        )  # fmt: skip
    elif limits.back_days is not None and moment.astimezone(ZONE).date() < now.astimezone(ZONE).date() - timedelta(
        days=limits.back_days
    ):
        wrong.append(
            _say(
                "too_old",
                f"{_shown(moment)} 早于 {limits.back_days} 天前，不能补录。那一期已经统计；确需更正请走指标修订。",
                f"{_shown(moment)} is more than {limits.back_days} days back and cannot be entered. That period is counted; correct it by a revision.",
            )
        )


def _shown(moment: datetime) -> str:
    return moment.astimezone(ZONE).strftime("%Y-%m-%d %H:%M")


def _needs(values, wrong: list[Problem]) -> tuple[str, ...]:
    values = [values] if isinstance(values, str) else list(values)
    unknown = [str(v)[:20] for v in values if v not in NEEDS]
    if unknown:
        wrong.append(
            _say("needs", f"不认识的需要：{'、'.join(unknown)}。可选：{'、'.join(NEEDS)}。", f"Unknown needs: {', '.join(unknown)}. Use: {', '.join(NEEDS)}.")
        )  # fmt: skip
    return tuple(sorted({v for v in values if v in NEEDS}))


def _uuid(value, wrong: list[Problem]) -> uuid.UUID | None:
    if value in (None, ""):
        return uuid.uuid4()
    try:
        return value if isinstance(value, uuid.UUID) else uuid.UUID(str(value))
    except ValueError:
        wrong.append(
            _say(
                "uuid",
                "记录编号不合格式。请重新打开页面再填。",
                "The record's number is malformed. Open the page again.",
            )
        )
        return None


# One keyboard line of a paper sheet -------------------------------------------------------------------------------


@dataclass
class Contact:
    """One contact of a line: the sheet's row number, way, day, outcome, needs."""

    row: int
    mode: str
    day: date
    outcome: str = "well"
    needs: list[str] = field(default_factory=list)


_MODE_WORDS = {
    "d": "call", "电": "call", "电话": "call", "call": "call",
    "v": "video", "视": "video", "视频": "video", "video": "video",
    "s": "home_visit", "上": "home_visit", "上门": "home_visit", "visit": "home_visit",
    "z": "home_service", "志": "home_service", "志愿": "home_service", "service": "home_service",
}  # fmt: skip
_OUTCOME_WORDS = {
    "平安": "well", "好": "well", "well": "well", "ok": "well",
    "有需要": "needs", "needs": "needs",
    "不适": "unwell", "身体不适": "unwell", "病": "unwell", "unwell": "unwell", "ill": "unwell",
    "没接": "no_answer", "未接": "no_answer", "无人": "no_answer", "不在家": "no_answer", "noanswer": "no_answer",
    "拒绝": "refused", "refused": "refused",
    "住院": "hospital", "hospital": "hospital",
    "外出": "away", "away": "away",
    "去世": "deceased", "deceased": "deceased",
}  # fmt: skip
_NEED_WORDS = {
    "充值": "top_up", "缴费": "top_up", "充值缴费": "top_up",
    "代购": "errand", "买药": "errand", "买东西": "errand",
    "联系亲属": "call_family", "亲属": "call_family",
    "心理": "comfort", "聊天": "comfort", "心理慰藉": "comfort",
    "就医": "doctor", "看病": "doctor", "用餐": "meal", "吃饭": "meal", "洗浴": "bath", "洗澡": "bath",
    "保洁": "cleaning", "打扫": "cleaning", "维修": "repair", "修": "repair",
    "隐患": "safety", "安全": "safety", "安全隐患": "safety", "其他": "other",
} | {code: code for code in NEEDS}  # fmt: skip
_WEEKDAYS = {word: at for at, word in enumerate("一二三四五六日", 1)} | {"天": 7}
_CONTACT = re.compile(
    rf"({'|'.join(sorted(_MODE_WORDS, key=len, reverse=True))})(?:周|w)?([一二三四五六日天]|\d{{1,2}}(?:[-./]\d{{1,2}})?)",
    re.I,
)
_FULL = {0xFF01 + i: 0x21 + i for i in range(94)} | {0x3000: 0x20, ord("，"): 0x20, ord("、"): 0x20, ord(","): 0x20}


def parse_line(line: str, *, week: date, rows: int | None = None) -> tuple[list[Contact], list[Problem]]:
    """One line of a sheet: row number, contacts (way + day), words for outcome and needs.

    `3 d12 d14 s13 平安 代购`: row 3, calls on the 12th and 14th, home visit on the 13th, all well, errand wanted.
    d 电话 · v 视频 · s 上门 · z 志愿服务; the day is a date of that week (12, 11-12) or a weekday (d二, dw2). A bare number
    that is no date of the week and lies in 1–7 is a weekday. An outcome goes with the contacts before it that have none
    (`3 d12 没接 d14 s13 平安`); without one they are 平安. A need goes with the last contact before it.
    `week` is any day of the week; `rows` the number of rows on the sheet. Returns contacts, or what is wrong.
    """
    monday = week - timedelta(days=week.weekday())
    words = line.translate(_FULL).split()
    if not words:
        return [], []
    number, wrong = _row_number(words[0], rows)
    contacts: list[Contact] = []
    waiting: list[Contact] = []
    for word in words[1:]:
        problem = _read_word(word, number, monday, contacts, waiting)
        if problem:
            wrong.append(problem)
    if not contacts and not wrong:
        wrong.append(
            _line(
                "contact",
                f"第 {number} 行没有写探访。例：{number} d12 s13",
                f"Row {number} has no contact. Example: {number} d12 s13",
            )
        )
    return (contacts, []) if not wrong else ([], wrong)


def _row_number(word: str, rows: int | None) -> tuple[int, list[Problem]]:
    plain = word.rstrip(".:")
    if plain.isdecimal() and len(plain) < 5 and int(plain) >= 1 and (rows is None or int(plain) <= rows):
        return int(plain), []
    most = f"1–{rows}" if rows else "1、2、3 …"
    return 0, [_line("row", f"行首“{word[:12]}”不是行号。请先写纸单上的行号（{most}）。", f'"{word[:12]}" is no row number. Begin with the row on the sheet ({most}).')]  # fmt: skip


def _read_word(word: str, row: int, monday: date, contacts: list[Contact], waiting: list[Contact]) -> Problem | None:
    lower = word.lower()
    if found := _CONTACT.fullmatch(lower):
        day = _day(found[2], monday, weekday_only="w" in lower[len(found[1]) : len(found[1]) + 1] or "周" in lower)
        if day is None:
            last = monday + timedelta(days=6)
            return _line("day", f"“{word[:12]}”的日期不在 {monday} 至 {last} 这一周。请核对日期或换周次。", f'The day of "{word[:12]}" is not in the week {monday} to {last}. Check it, or change the week.')  # fmt: skip
        contacts.append(Contact(row, _MODE_WORDS[found[1]], day))
        waiting.append(contacts[-1])
        return None
    if lower in _OUTCOME_WORDS:
        return _put_outcome(word, _OUTCOME_WORDS[lower], waiting)
    if lower in _NEED_WORDS:
        return _put_need(word, _NEED_WORDS[lower], contacts)
    close = get_close_matches(lower, [*_OUTCOME_WORDS, *_NEED_WORDS], 1, 0.5)
    zh, en = (f"是否想写“{close[0]}”？", f'Did you mean "{close[0]}"? ') if close else ("", "")
    return _line("word", f"看不懂“{word[:12]}”。{zh}探访写 d12（电话）、v12（视频）、s12（上门），再写结果和需要。", f'Cannot read "{word[:12]}". {en}Write d12 (call), v12 (video), s12 (home visit), then outcome and needs.')  # fmt: skip


def _put_outcome(word: str, outcome: str, waiting: list[Contact]) -> Problem | None:
    if not waiting:
        return _line("outcome", f"“{word}”前面没有探访。请先写探访（如 d12），再写结果。", f'Nothing stands before "{word}". Write the contact first (d12), then its outcome.')  # fmt: skip
    if outcome not in REACHED and any(contact.needs for contact in waiting):
        return _line("need", f"“{word}”的探访前面已写了需要，互相矛盾。请改正。", f'"{word}" contradicts the needs written before it. Correct the line.')  # fmt: skip
    for contact in waiting:
        contact.outcome = "needs" if contact.needs and outcome == "well" else outcome
    waiting.clear()
    return None


def _put_need(word: str, need: str, contacts: list[Contact]) -> Problem | None:
    if not contacts or contacts[-1].outcome not in REACHED:
        return _line("need", f"“{word}”前面没有联系到本人的探访。请写在那次探访之后。", f'No contact that reached the person stands before "{word}". Write it after one.')  # fmt: skip
    last = contacts[-1]
    last.needs = sorted({*last.needs, need})
    last.outcome = "needs" if last.outcome == "well" else last.outcome
    return None


def _day(text: str, monday: date, weekday_only: bool) -> date | None:
    if text in _WEEKDAYS:
        return monday + timedelta(days=_WEEKDAYS[text] - 1)
    days = [monday + timedelta(days=at) for at in range(7)]
    numbers = [int(part) for part in re.split(r"[-./]", text)]
    if len(numbers) == 2:
        return next((day for day in days if [day.month, day.day] == numbers), None)
    dated = None if weekday_only else next((day for day in days if day.day == numbers[0]), None)
    return dated or (days[numbers[0] - 1] if 1 <= numbers[0] <= 7 else None)


def _line(code: str, zh: str, en: str) -> Problem:
    return Problem(f"line_{code}", zh, en)
