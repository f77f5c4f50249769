"""The sentences of the API's errors, Chinese and English. Pydantic's findings are said again in plain words."""

from typing import Any, NamedTuple

LINE = r"^[^\u0000]*$"
PLACE_CODE = r"^[0-9]{6}([0-9]{3}){0,2}$"
PERIOD = r"^[0-9]{4}-(W(0[1-9]|[1-4][0-9]|5[0-3])|H[12]|(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)$"
KEY = r"^[!-~]{1,80}$"


class Said(NamedTuple):
    """A stable code and the two sentences."""

    code: str
    zh: str
    en: str


ABSENT = Said(
    "not_found",
    "没有这项内容，或不在您的辖区内。请核对编号。",
    "There is no such thing, or it lies outside your area. Check the number.",
)
NO_PATH = Said(
    "no_such_path",
    "接口没有这个地址。地址清单见 /api/openapi.json。",
    "The API has no such address; see /api/openapi.json.",
)
NO_METHOD = Said(
    "method_not_allowed",
    "这个地址不支持该请求方法。可用方法见 Allow 头。",
    "This address does not take that method; the Allow header names those it takes.",
)
NO_TOKEN = Said(
    "no_token",
    "缺少有效的接口令牌：未提供、已过期、已吊销，或所属岗位已结束。请在 Authorization 头写 Bearer sh_…，或请系统管理员重新签发。",
    "No valid API token: none given, expired, revoked, or its post has ended. Send Authorization: Bearer sh_…, or ask the system administrator for a new one.",
)
FORBIDDEN = Said("forbidden", "该令牌的岗位不能做这件事。", "The post of this token may not do this.")
NOT_JSON = Said(
    "not_json", "请求正文不是有效的 JSON。请用 UTF-8 编码的 JSON。", "The body is not valid JSON. Send JSON in UTF-8."
)
BAD = Said(
    "bad_request",
    "请求有误，无法处理。请核对地址、请求头和正文。",
    "The request cannot be read. Check address, headers and body.",
)
TOO_BIG = Said(
    "too_big",
    "请求正文太大。请分批发送，每批不超过 500 行。",
    "The body is too big. Send it in parts of at most 500 rows.",
)
TOO_MANY = Said(
    "too_many_calls",
    "该令牌本分钟的调用次数已用完。请按 Retry-After 等待后再试。",
    "This token has used up its calls for this minute. Wait as Retry-After says.",
)
UNEXPECTED = Said(
    "unexpected",
    "系统出错，未保存任何内容，已记入日志。请稍后再试；仍不行请联系系统管理员。",
    "Something went wrong here; nothing was saved and it was logged. Try again later, or ask the system administrator.",
)
UNKNOWN_QUERY = Said(
    "unknown_parameter",
    "不认识这个参数。为避免误把全部内容当作筛选结果，未知参数一律不受理。",
    "This parameter is unknown. An unknown filter is never taken for “everything”.",
)
TWICE = Said("parameter_twice", "这个参数只能出现一次。", "This parameter may appear only once.")
OUT_OF_RANGE = Said(
    "out_of_range",
    "有一个值超出可保存的范围，未保存任何内容。请核对数字和日期。",
    "A value is out of range; nothing was saved. Check numbers and dates.",
)
KEY_REUSED = Said(
    "idempotency_key_reused",
    "这个 Idempotency-Key 已用于另一个不同的请求。请换一个新的键。",
    "This Idempotency-Key was used for a different request. Choose a new one.",
)
KEY_MISSING = Said(
    "idempotency_key_missing",
    "须带 Idempotency-Key 请求头（1–80 个可打印字符），以免重发时重复登记。",
    "An Idempotency-Key header (1–80 printable characters) is needed, so that sending again adds nothing twice.",
)
UUID_CLASH = Said(
    "uuid_clash",
    "这个 UUID 已登记过另一条内容不同的探访。请为新记录生成新的 UUID。",
    "This UUID already holds a different visit. Make a new UUID for a new record.",
)
UNKNOWN_PERSON = Said(
    "unknown_person",
    "没有这位老年人的档案，或不在您的辖区内。请核对编号。",
    "There is no file of this person, or it lies outside your area. Check the number.",
)

_PATTERNS = {
    LINE: Said(
        "text",
        "文字中含有不能保存的字符（空字符）。请删除后再试。",
        "The text holds a character that cannot be kept (NUL). Remove it.",
    ),
    PLACE_CODE: Said(
        "place_code",
        "不是区划代码。应为 6、9 或 12 位数字，例如 130682001。",
        "Not a division code: 6, 9 or 12 digits, as in 130682001.",
    ),
    PERIOD: Said(
        "period",
        "不是周期。应为 2026-W46（周）、2026-11（月）、2026-H2（半年）或 2026-11-12（日）。",
        "Not a period such as 2026-W46, 2026-11, 2026-H2 or 2026-11-12.",
    ),
    KEY: Said(
        "idempotency_key",
        "Idempotency-Key 应为 1–80 个可打印的英文字符。",
        "An Idempotency-Key is 1–80 printable ASCII characters.",
    ),
}
_FOUND: dict[str, tuple[str, str]] = {
    "missing": ("缺少这一项，请补上。", "This is missing; add it."),
    "extra_forbidden": ("不认识这一项，请删除或核对拼写。", "This is unknown; remove it or check the spelling."),
    "literal_error": ("不在可选值之内，可选：{expected}。", "Not one of {expected}."),
    "enum": ("不在可选值之内，可选：{expected}。", "Not one of {expected}."),
    "string_type": ("须为文字。", "Must be text."),
    "string_too_short": ("太短，至少 {min_length} 个字。", "Too short; at least {min_length} characters."),
    "string_too_long": ("太长，最多 {max_length} 个字。", "Too long; at most {max_length} characters."),
    "string_pattern_mismatch": ("格式不对，应符合 {pattern}。", "The form is wrong; it should match {pattern}."),
    "too_long": ("太多，最多 {max_length} 项。", "Too many; at most {max_length}."),
    "too_short": ("太少，至少 {min_length} 项。", "Too few; at least {min_length}."),
    "greater_than_equal": ("不能小于 {ge}。", "May not be below {ge}."),
    "less_than_equal": ("不能大于 {le}。", "May not be above {le}."),
    "timezone_aware": ("时间须写明时区，例如 2026-11-22T09:30:00+08:00。", "The time needs its zone, as in 2026-11-22T09:30:00+08:00."),
    "json_invalid": ("不是有效的 JSON。", "Not valid JSON."),
    "date_parsing": ("不是有效日期，应为 2026-11-22。", "Not a date such as 2026-11-22."),
    "date_from_datetime_parsing": ("不是有效日期，应为 2026-11-22。", "Not a date such as 2026-11-22."),
}  # fmt: skip
_BY_START: list[tuple[str, str, str]] = [
    ("int_", "须为整数。", "Must be a whole number."),
    ("uuid_", "不是有效的 UUID。", "Not a UUID."),
    ("datetime_", "不是有效时间，应为 2026-11-22T09:30:00+08:00。", "Not a time such as 2026-11-22T09:30:00+08:00."),
    ("date_", "不是有效日期，应为 2026-11-22。", "Not a date such as 2026-11-22."),
    ("bool_", "须为 true 或 false。", "Must be true or false."),
    ("list_", "须为列表。", "Must be a list."),
    ("dict_", "须为对象。", "Must be an object."),
    ("model_", "须为对象。", "Must be an object."),
]


def of_field(error: dict[str, Any]) -> tuple[str, Said]:
    """(field path, sentences) of one of pydantic's errors; the value itself is never repeated (it may be personal)."""
    place = [str(part) for part in error["loc"] if part not in ("body", "query", "path", "header")]
    return ".".join(place) or "body", said_of(error["type"], error.get("ctx", {}))


def said_of(kind: str, context: dict[str, Any]) -> Said:
    """The sentences for one kind of pydantic error."""
    if kind == "string_pattern_mismatch" and context.get("pattern") in _PATTERNS:
        return _PATTERNS[context["pattern"]]
    if kind in _FOUND:
        zh, en = _FOUND[kind]
        return Said(kind, zh.format_map(_Kept(context)), en.format_map(_Kept(context)))
    for start, zh, en in _BY_START:
        if kind.startswith(start):
            return Said(kind, zh, en)
    return Said(kind, "内容不符合要求，请对照 /api/openapi.json。", "Not as required; see /api/openapi.json.")


def denied(what: object, who: list[str]) -> Said:
    """The 403: what was asked for and whom to ask (the permission's name is Chinese in the source)."""
    from django.utils.translation import override

    with override("zh-hans"):
        zh = f"该令牌的岗位不能“{what}”。需要时请找：{'、'.join(who) or '系统管理员'}。"
    with override("en"):
        en = f"The post of this token may not: {what}. Those who may: {', '.join(who) or 'nobody yet'}."
    return Said("forbidden", zh, en)


class _Kept(dict):
    """A placeholder without a value stands as it is."""

    def __missing__(self, key: str) -> str:
        return "…"
