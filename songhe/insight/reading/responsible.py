"""Who leads and who helps: (责任单位:市民政局;配合单位:…), 由市财政局负责, (市住建局牵头,…配合)."""

import re

ORGAN = r"(?:[\u4e00-\u9fff]{1,14}?(?:局|委|办|办公室|厅|部|政府|街道办事处|办事处|管委会|中心|联|会|公司|集团|院|街道|乡镇|镇|区|县))"
LIST = rf"{ORGAN}(?:[、,及和](?:{ORGAN}|各[\u4e00-\u9fff]{{1,10}}))*"
LEAD = re.compile(
    r"(?:牵头(?:责任)?单位|责任单位|牵头部门|责任部门|主办单位|实施单位|责任主体|牵头领导|负责单位)[::]\s*(?P<names>[^;。)\n]{2,120})"
)
HELP = re.compile(
    r"(?:配合单位|配合部门|协办单位|协同单位|参与单位|参加单位|协助单位)[::]\s*(?P<names>[^;。)\n]{2,120})"
)
BRACKET = re.compile(
    r"\((?P<lead>[^()]{2,60}?)(?:牵头负责|牵头|负责)(?:[,,、;](?P<help>[^()]{2,100}?)(?:配合|参与|按职责分工负责|协同|等?按职责.{0,10}))?(?:落实)?\)"
)
BY = re.compile(r"由(?P<names>[\u4e00-\u9fff、]{2,30}?)(?:牵头|负责)")


def responsibilities(chars: str) -> tuple[list[str], list[str]]:
    """The leading and the helping units named in a paragraph."""
    lead, helps = LEAD.search(chars), HELP.search(chars)
    if lead:
        return names(lead["names"]), names(helps["names"]) if helps else []
    bracket = BRACKET.search(chars)
    if bracket:
        return names(bracket["lead"]), names(bracket["help"] or "")
    by = BY.search(chars)
    return (names(by["names"]) if by else []), (names(helps["names"]) if helps else [])


def names(words: str) -> list[str]:
    """Split 市民政局、市财政局,各县(市、区)人民政府 into names."""
    words = re.split(r"(?:配合|完成时|时限|牵头|责任)", words)[0]
    flat = re.sub(r"\([^()]{0,12}\)", "", words)
    return [n.strip("等 ") for n in re.split(r"[、,,;及]", flat) if 2 <= len(n.strip("等 ")) <= 24][:20]
