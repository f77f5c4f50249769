"""Any text and any bytes: an answer or a ReadingError, spans inside the text, nothing else."""

import random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from songhe.insight.reading import ReadingError, read
from tests.insight.reading.scorer import SPECS, load_spec

WORDS = [
    "新建", "社区食堂", "20", "个", "床位", "张", "，", "。", "；", "、", "\n", " ", "\t", "|", "（", "）", "《", "》", "“", "”", "2023年", "10月底前",
    "6-10月", "到2025年", "分别", "其中", "各", "每月", "不少于", "以上", "百分之", "八十", "%", "万", "亿元", "东山镇", "西山镇", "合计", "序号", "1", "2",
    "一、", "（一）", "1.", "截至", "目前", "已", "计划", "20213", "1110日前", "100%", "全覆盖", "千", "三分之二", "15个工作日内", "意见", "責任編輯", "附件", ":",
    "十四五", "第", "由", "提高到", "约", "余", "每", "平方米", "面积", "200m", "-", "—", "至", "年", "月", "日",
]  # fmt: skip
QUIET = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def _sound(source: str | bytes) -> None:
    try:
        result = read(source)
    except ReadingError:
        return
    size = len(result["text"])
    for item in result["items"]:
        assert 0 <= item["span"][0] <= item["span"][1] <= size
    for warning in result["warnings"]:
        assert all(0 <= a <= b <= size for a, b in warning["spans"])
    assert all(0 <= a <= b <= size for a, b in result["body_spans"])


@QUIET
@given(st.lists(st.sampled_from(WORDS), max_size=120))
def test_the_words_of_notices_in_any_order(words: list[str]) -> None:
    _sound("方案" + "".join(words))


@QUIET
@given(st.text(max_size=400))
def test_any_text(text: str) -> None:
    _sound("方案" + text)


@QUIET
@given(
    st.binary(max_size=600),
    st.sampled_from(["a.pdf", "a.docx", "a.html", "a.txt", ""]),
    st.sampled_from([b"", b"%PDF-1.4\n", b"PK\x03\x04", b"<html>"]),
)
def test_any_bytes(data: bytes, name: str, head: bytes) -> None:
    try:
        words = read(head + data, name=name)["text"]
    except ReadingError as refusal:
        words = refusal.zh + refusal.en
    assert words


@QUIET
@given(st.integers(0, 10_000))
def test_a_real_notice_with_pieces_cut_and_moved(seed: int) -> None:
    shuffle = random.Random(seed)
    text, _ = load_spec(shuffle.choice(sorted(SPECS.glob("*.yaml"))))
    for _ in range(shuffle.randint(1, 8)):
        a, b = sorted(shuffle.choices(range(len(text)), k=2))
        piece = text[a : min(b, a + 60)]
        text = text[:a] + text[a + len(piece) :]
        at = shuffle.randrange(len(text))
        text = text[:at] + piece + text[at:]
    _sound(text)


def test_long_runs_of_one_thing_stay_quick() -> None:
    for piece in (
        "1",
        "一",
        "（",
        "《",
        "“",
        "新建",
        "2023年",
        "10月底前",
        "、",
        "分别",
        "东山镇 1 ",
        "各",
        "每月",
        "%",
        "1个、",
        "千",
        "以上",
    ):
        _sound("方案" + piece * (4_000 // len(piece)))
