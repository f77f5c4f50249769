"""The layout of GB/T 9704-2012: as written into the .docx (always), and as set by an office program (where there is one)."""

import io
import re
import shutil
import subprocess
import zipfile
from collections import Counter

import pdfplumber
import pytest

from songhe.oversight.bulletins import documents

SENTENCE = "老年人探访关爱服务能力提升行动进展情况通报如下各乡镇人民政府街道办事处"
CONTENT = {
    "mark": "定州市民政局文件", "number": "定民通报〔2023〕5号", "title": "关于进展情况的通报", "to": "各乡镇人民政府：", "demo": "",
    "blocks": [
        {"kind": "heading", "level": 1, "text": "一、总体情况"},
        {"kind": "heading", "level": 2, "text": "（一）探访关爱"},
        {"kind": "text", "runs": ["探访关爱率88.9%（8/9）", {"note": 1}, "。"]},
        {"kind": "text", "runs": [SENTENCE * 40]},
        {"kind": "table", "caption": "各地情况", "head": ["地区", {"text": "探访关爱率", "note": 1}],
         "rows": [["北城区", {"text": "88.9%（8/9）", "url": "/indicators/x/"}]]},
    ],
    "signed": {"organ": "定州市民政局", "date": "2023年11月1日"},
    "annex": {"title": "数据说明", "notes": [{"n": 1, "text": "分子÷分母。明细：", "url": "/indicators/weekly_visiting/all/?area=130682&period=2023-10"}]},
    "edition": {"copies": "市政府办公室。", "printed_by": "定州市民政局办公室", "printed_on": "2023年11月1日印发"},
    "site": "https://songhe.example", "made_at": "2023-11-01T08:00:00+08:00",
}  # fmt: skip


@pytest.fixture(scope="module")
def parts() -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(documents.docx(CONTENT))) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist() if name.endswith((".xml", ".rels"))}


def full_pages(pdf: bytes | str) -> list[tuple[int, Counter]]:
    """For each page: how many lines of text, and how many characters each holds; page numbers left out."""
    found = []
    with pdfplumber.open(io.BytesIO(pdf) if isinstance(pdf, bytes) else pdf) as document:
        for page in document.pages:
            foot = page.height - 35 / 25.4 * 72 + 3
            rows = Counter(round(c["bottom"] / 4) for c in page.chars if c["text"].strip() and c["bottom"] < foot)
            found.append((len(rows), Counter(rows.values())))
    return found


def test_the_sheet_and_its_grid(parts):
    section = re.search(r"<w:sectPr.*</w:sectPr>", parts["word/document.xml"], re.S)[0]
    size = re.search(r'<w:pgSz w:w="(\d+)" w:h="(\d+)"', section)
    assert [round(int(n) / 1440 * 25.4) for n in size.groups()] == [210, 297]
    margins = dict(re.findall(r'w:(top|bottom|left|right)="(\d+)"', re.search(r"<w:pgMar[^>]*>", section)[0]))
    assert {side: round(int(n) / 1440 * 25.4) for side, n in margins.items()} == {
        "top": 37,
        "bottom": 35,
        "left": 28,
        "right": 26,
    }
    grid = re.search(r"<w:docGrid[^>]*>", section)[0]
    assert 'w:type="linesAndChars"' in grid
    assert 'w:linePitch="579"' in grid


def test_the_body_is_sanhao_fangsong_with_28_characters_a_line(parts):
    normal = re.search(r'<w:style [^>]*w:styleId="Normal".*?</w:style>', parts["word/styles.xml"], re.S)[0]
    assert 'w:eastAsia="仿宋_GB2312"' in normal
    assert '<w:sz w:val="32"/>' in normal
    assert '<w:spacing w:val="-5"/>' in normal
    assert re.search(r'<w:spacing [^>]*w:line="579"[^>]*w:lineRule="exact"|w:lineRule="exact"[^>]*w:line="579"', normal)
    assert normal.index('<w:spacing w:val="-5"/>') < normal.index("<w:sz ")  # the order the schema wants
    assert "heme" not in "".join(re.findall(r"<w:rFonts[^>]*>", parts["word/styles.xml"]))


def test_faces_of_title_and_headings(parts):
    for style, face in (("公文标题", "方正小标宋简体"), ("一级标题", "黑体"), ("二级标题", "楷体_GB2312")):
        found = re.search(rf'<w:style [^>]*w:styleId="{style}".*?</w:style>', parts["word/styles.xml"], re.S)[0]
        assert f'w:eastAsia="{face}"' in found
    assert '<w:sz w:val="44"/>' in re.search(r'w:styleId="公文标题".*?</w:style>', parts["word/styles.xml"], re.S)[0]


def test_red_mark_red_line_and_page_numbers_on_outer_edges(parts):
    assert 'w:val="D7000F"' in parts["word/document.xml"]
    assert 'w:color="D7000F"' in parts["word/document.xml"]
    assert "w:evenAndOddHeaders" in parts["word/settings.xml"]
    feet = [text for name, text in parts.items() if name.startswith("word/footer")]
    assert len(feet) == 2
    assert {re.search(r'<w:jc w:val="(\w+)"', foot)[1] for foot in feet} == {"left", "right"}
    assert all("—" in foot and "PAGE" in foot for foot in feet)


def test_a_figures_mark_leads_to_its_note_and_the_note_to_its_rows(parts):
    assert parts["word/document.xml"].count('w:anchor="note1"') == 2
    assert 'w:name="note1"' in parts["word/document.xml"]
    assert "https://songhe.example/indicators/weekly_visiting/all/" in parts["word/_rels/document.xml.rels"]


def test_the_same_content_gives_the_same_bytes():
    assert documents.docx(CONTENT) == documents.docx(CONTENT)
    assert documents.pdf(CONTENT) == documents.pdf(CONTENT)


def test_what_is_written_is_text_and_never_markup():
    nasty = CONTENT | {"title": "<b>&通报", "blocks": [{"kind": "text", "runs": ['<img src="file:///etc/passwd">']}]}
    with pdfplumber.open(io.BytesIO(documents.pdf(nasty))) as document:
        assert '<img src="file:///etc/passwd">' in document.pages[0].extract_text().replace("\n", "")
    assert documents.docx(nasty)


def _is_laid_out(pages):
    lines, characters = pages[1]
    assert lines == 22
    assert characters == {28: 22}
    assert max(count for count, _characters in pages) <= 22 or all(count <= 22 for count, _c in pages[:-2])


def test_the_pdf_has_22_lines_of_28_characters():
    _is_laid_out(full_pages(documents.pdf(CONTENT)))


@pytest.mark.slow
@pytest.mark.skipif(
    shutil.which("soffice") is None, reason="LibreOffice is not installed, so the .docx is not converted"
)
def test_the_docx_has_22_lines_of_28_characters_in_libreoffice(tmp_path):
    (tmp_path / "a.docx").write_bytes(documents.docx(CONTENT))
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    subprocess.run(
        ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), str(tmp_path / "a.docx")],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    _is_laid_out(full_pages(str(tmp_path / "a.pdf")))
