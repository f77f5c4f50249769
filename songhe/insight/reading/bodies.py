"""Joint meetings, leading groups and task forces the paper sets up or names."""

import re

from songhe.insight.reading.text import Text

BODY = re.compile(
    r"[\u4e00-\u9fff“”]{2,18}?(?:领导小组|联席会议|工作专班|指挥部|工作组|验收组|协调小组)(?:办公室)?(?:制度)?"
)


def find_bodies(text: Text) -> list[dict]:
    """Each named once: {name, span}."""
    found: dict[str, dict] = {}
    for m in BODY.finditer(text.chars):
        name = re.sub(r"^.*?(?:成立|建立|组成|设立|为成员的|组长的|召集人的|召开|任|了|由|的)", "", m.group(0)).strip(
            "“”"
        )
        if len(name) >= 4 and name not in found and len(found) < 60:
            found[name] = {"name": name, "span": list(text.span(m.start(), m.end()))}
    return list(found.values())
