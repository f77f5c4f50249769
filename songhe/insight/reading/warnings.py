"""The sentence of each warning, Chinese and English, by its code."""

TEXTS = {
    "lost_date": (
        "“{words}”可能丢了年、月、日等字,暂读作 {read},请对照原件。",
        "“{words}” seems to have lost characters; read for now as {read}. Check the original.",
    ),
    "lost_digits": (
        "“{words}”可能是年份与数字连在一起,没有当作一个数,请对照原件。",
        "“{words}” looks like a year run into a number; it was not taken as one number. Check the original.",
    ),
    "lost_square": (
        "“{words}”可能丢了上标 2,暂读作 {read}。",
        "“{words}” seems to have lost a superscript 2; read for now as {read}.",
    ),
    "lost_number": (
        "“{words}”处可能丢了数字,没有生成条目。",
        "A number seems to be missing at “{words}”; no item was made.",
    ),
    "lost_words": ("“{words}”括号里可能丢了字。", "Words seem to be missing inside the brackets at “{words}”."),
    "lost_number_mark": (
        "文号“{words}”可能丢了“号”或六角括号。",
        "The document number “{words}” seems to have lost a mark.",
    ),
    "joined_numbers": (
        "“{words}”是两个数连在一起,已分开读,请对照原件。",
        "“{words}” is two numbers run together; they were read apart. Check the original.",
    ),
    "lost_unit": ("“{words}”可能丢了量词。", "“{words}” seems to have lost its unit."),
    "groups_unproven": (
        "表格分年份的行无法用合计证明,请核对年份 {years}。",
        "Which rows belong to which year ({years}) is not proven by the totals. Check.",
    ),
    "sum_differs": (
        "表中“{column}”各行相加为 {sum},合计写的是 {printed}。",
        "The rows of “{column}” add up to {sum}, the total says {printed}.",
    ),
    "uncertain_row": (
        "“{row}”一行在原文中被打乱,数字归属不确定,请核对。",
        "The row “{row}” was scrambled in the source; check which numbers are its own.",
    ),
    "annex_differs": (
        "“{subject}”正文为 {body},附表各行相加为 {annex}。",
        "“{subject}” is {body} in the text but the annex adds up to {annex}.",
    ),
    "parts_differ": (
        "“{subject}”总数为 {whole},各部分相加为 {parts}。",
        "“{subject}” is {whole} in all but its parts add up to {parts}.",
    ),
    "deadline_before_start": (
        "期限 {deadline} 早于开始 {start}。",
        "The deadline {deadline} is before the start {start}.",
    ),
    "contradiction": (
        "“{subject}”前后不一致:{first} 与 {second}。",
        "“{subject}” is given as {first} and as {second}.",
    ),
    "starts_before_consultation_ends": (
        "征求意见到 {ends} 才结束,而 {first} 前已有任务要完成。",
        "The consultation ends on {ends}, yet a task is due by {first}.",
    ),
    "month_before": (
        "“{words}”按字面读作 {read},也可能是 {or}。",
        "“{words}” literally means {read}; it may mean {or}.",
    ),
    "working_days_guessed": (
        "“{words}”所在年份没有放假安排,暂按周一至周五推算为 {read}。",
        "No holiday notice is known for the year of “{words}”; counted Monday to Friday as {read}.",
    ),
    "spaced_number": (
        "“{words}”数字中间有空格,已合并为一个数,请对照原件。",
        "“{words}” has spaces inside the number; read as one. Check the original.",
    ),
    "second_opinion_differs": ("第二意见与本条不同:{words}。", "The second opinion differs on this: {words}."),
}


def sentence(code: str, facts: dict) -> tuple[str, str]:
    """Chinese and English of one warning."""
    zh, en = TEXTS[code]
    return zh.format(**facts), en.format(**facts)
