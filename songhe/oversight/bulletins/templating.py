"""Named fields in a text, 【单位】: found, checked, filled. A template is text; it runs nothing."""

import re

from songhe.core.refusal import Refusal

FIELD = re.compile(r"【([^【】\n]{1,40})】")
LETTER_FIELDS = {
    "单位": "责任单位",
    "事项": "任务或指标",
    "依据": "文件名称和文号",
    "期限": "完成期限",
    "截止日": "数据截止日期",
    "现状": "现在的情况和数字",
    "回复期限": "书面回复的日期",
    "联系人": "联系人和电话",
}


def names(text: str) -> list[str]:
    """The fields of a text in order, each once."""
    return list(dict.fromkeys(FIELD.findall(text)))


def refuse_unknown(text: str, known, *, field: str = "") -> None:
    """Refusal naming every field that is not among `known`."""
    unknown = [name for name in names(text) if name not in known]
    if unknown:
        raise Refusal(
            "unknown_field",
            zh=f"模板里的【{'】【'.join(unknown)}】不认识。可用：{'、'.join(known)}。请改成其中之一，或去掉括号。",
            en=f"Unknown fields in the template: {', '.join(unknown)}. Use one of {', '.join(known)}, or take the brackets away.",
            field=field,
        )


def filled(text: str, values: dict) -> str:
    """The text with every field replaced. Refusal naming the fields left empty. Brackets in a value are not read again."""
    empty = [name for name in names(text) if not str(values.get(name, "")).strip()]
    if empty:
        raise Refusal(
            "empty_field",
            zh=f"还没有填：{'、'.join(empty)}。",
            en=f"Not filled in yet: {', '.join(empty)}.",
            field=empty[0],
        )
    return FIELD.sub(lambda found: str(values[found[1]]).strip(), text)
