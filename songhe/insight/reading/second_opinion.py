"""Ask an OpenAI-compatible endpoint on the intranet what it reads. Off unless somebody passes a way to ask.

What it says is never taken over: it comes back marked, checked against the text, for a person to look at.
"""

import json
import re
from collections.abc import Callable

from songhe.insight.reading.quantities import find_quantities
from songhe.insight.reading.text import normal_char, simplified

Ask = Callable[[dict], dict]
"""Sends one chat-completions request body and returns the response body; the caller owns address, key and timeout."""

KINDS = frozenset(("target", "achieved", "standard", "duty", "budget", "allocation", "schedule"))
SYSTEM = (
    '你是公文要素抽取助手。只输出 JSON:{"items":[…]}。每项含 kind(target、achieved、standard、duty、budget、allocation、schedule)、'
    "quote(原文连续文字,不超过30字)、subject、value(基本单位的数)、unit、comparator(=、>=、<=、about)、scope、deadline(YYYY-MM-DD)、per。"
    "原文没有的数字一律不写。"
)
CHUNK = 6000
MAX_CHUNKS = 20


def second_opinion(result: dict, ask: Ask, *, model: str = "local") -> dict:
    """{"items": marked items, "agrees": ids, "missing": ids the other did not see, "problems": what was thrown away}.

    Every marked item has origin="second_opinion" and status="unconfirmed"; a quote that is not in the text, or a value that
    is not in its quote, is thrown away.
    """
    text = result["text"]
    items: list[dict] = []
    problems: list[str] = []
    for start in range(0, min(len(text), CHUNK * MAX_CHUNKS), CHUNK):
        body = {
            "model": model,
            "temperature": 0,
            "response_format": {"type": "json_object"},
            "messages": [
                {"role": "system", "content": SYSTEM},
                {"role": "user", "content": text[start : start + CHUNK]},
            ],
        }
        items += _checked(_answer(ask(body), problems), text, problems)
    agrees = [i["id"] for i in result["items"] if any(_same(i, o) for o in items)]
    return {
        "items": [o for o in items if not any(_same(i, o) for i in result["items"])],
        "agrees": agrees,
        "missing": [i["id"] for i in result["items"] if i["id"] not in agrees],
        "problems": problems,
    }


def _answer(response: dict, problems: list[str]) -> list:
    try:
        content = response["choices"][0]["message"]["content"]
        found = json.loads(re.sub(r"^```(?:json)?|```$", "", content.strip()))
        rows = found["items"] if isinstance(found, dict) else found
    except (KeyError, IndexError, TypeError, ValueError, AttributeError):
        problems.append("unreadable")
        return []
    return rows if isinstance(rows, list) else []


def _checked(rows: list, text: str, problems: list[str]) -> list[dict]:
    kept = []
    squeezed = re.sub(r"\s+", "", text)
    for row in rows[:400]:
        if not isinstance(row, dict) or row.get("kind") not in KINDS or not isinstance(row.get("quote"), str):
            problems.append("malformed")
            continue
        quote = re.sub(r"\s+", "", row["quote"])
        if not quote or quote not in squeezed:
            problems.append("quote_not_in_text")
            continue
        value = row.get("value")
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
            problems.append("malformed")
            continue
        if value is not None and value not in _numbers(quote):
            problems.append("value_not_in_quote")
            continue
        kept.append(
            {
                **{
                    k: row.get(k)
                    for k in ("kind", "subject", "value", "unit", "comparator", "scope", "deadline", "per")
                },
                "quote": row["quote"],
                "origin": "second_opinion",
                "status": "unconfirmed",
            }
        )
    return kept


def _numbers(quote: str) -> set[float]:
    """Every number the quote can mean: 5.6万 is 5.6 and 56000, 一次 is 1, 全覆盖 is 100."""
    plain = "".join(normal_char(c) for c in simplified(quote)[0])
    found = {q.value for q in find_quantities(plain, plain)} | {float(n) for n in re.findall(r"\d+(?:\.\d+)?", plain)}
    return found | ({100.0} if re.search("全覆盖|全部|均", plain) else set())


def _same(item: dict, other: dict) -> bool:
    if item["kind"] != other["kind"] or item["value"] != other["value"]:
        return False
    a, b = (re.sub(r"\s+", "", x["quote"]) for x in (item, other))
    return a in b or b in a or (item["value"] is None and item["deadline"] == other["deadline"])
