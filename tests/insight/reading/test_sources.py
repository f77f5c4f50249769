"""Files: read what can be read, refuse the rest with a code and words, keep nothing, call nobody."""

import io
import socket
import zipfile

import docx
import pytest

from songhe.insight.reading import ReadingError, read

LINES = ["青云县2023年养老服务实施方案", "2023年底前,全县新建村级站点30个。"]
TABLE = [["乡镇", "站点(个)", "床位(张)"], ["东山镇", "10", "100"], ["西山镇", "12", "110"], ["合计", "22", "210"]]
WANTED = [(30, None), (10, "东山镇"), (100, "东山镇"), (12, "西山镇"), (110, "西山镇")]


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the network was touched")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def _values(result: dict) -> list[tuple]:
    return [(i["value"], i["scope"] if i["kind"] == "allocation" else None) for i in result["items"]]


def _docx() -> bytes:
    document, out = docx.Document(), io.BytesIO()
    for line in LINES:
        document.add_paragraph(line)
    table = document.add_table(rows=4, cols=3)
    for r, row in enumerate(TABLE):
        for c, words in enumerate(row):
            table.cell(r, c).text = words
    document.save(out)
    return out.getvalue()


def _html() -> str:
    rows = "".join("<tr>" + "".join(f"<td>{w}</td>" for w in row) + "</tr>" for row in TABLE)
    body = "".join(f"<p>{line}</p>" for line in LINES)
    return f"<html><head><script>var x=99;</script></head><body><nav>当前位置:首页</nav>{body}<table>{rows}</table><footer>ICP备1号</footer></body></html>"


def _pdf(lines: list[str]) -> bytes:
    """A PDF of one page in plain objects; the Chinese is in a font that maps codes to characters by /ToUnicode."""
    codes = {c: n + 1 for n, c in enumerate(dict.fromkeys("".join(lines)))}
    shown = "\n".join(
        f"BT /F1 12 Tf 40 {780 - 20 * n} Td <{''.join(f'{codes[c]:04X}' for c in line)}> Tj ET"
        for n, line in enumerate(lines)
    )
    pairs = "\n".join(f"<{n:04X}> <{ord(c):04X}>" for c, n in codes.items())
    cmap = f"/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n1 begincodespacerange <0000> <FFFF> endcodespacerange\n{len(codes)} beginbfchar\n{pairs}\nendbfchar endcmap end end"
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        f"<< /Length {len(shown)} >>\nstream\n{shown}\nendstream",
        "<< /Type /Font /Subtype /Type0 /BaseFont /A /Encoding /Identity-H /DescendantFonts [6 0 R] /ToUnicode 7 0 R >>",
        "<< /Type /Font /Subtype /CIDFontType2 /BaseFont /A /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /DW 1000 >>",
        f"<< /Length {len(cmap)} >>\nstream\n{cmap}\nendstream",
    ]
    return _assemble(objects)


def _assemble(objects: list[str], trailer: str = "") -> bytes:
    out, places = b"%PDF-1.5\n", []
    for n, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{n} 0 obj\n{body}\nendobj\n".encode("latin-1")
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{p:010d} 00000 n \n".encode() for p in places)
    return out + f"trailer << /Size {len(objects) + 1} /Root 1 0 R {trailer} >>\nstartxref\n{start}\n%%EOF".encode()


def _refused(data: bytes | str, name: str = "") -> ReadingError:
    with pytest.raises(ReadingError) as refusal:
        read(data, name=name)
    assert refusal.value.zh
    assert refusal.value.en
    return refusal.value


def test_a_docx_with_a_table() -> None:
    assert _values(read(_docx(), name="a.docx")) == WANTED


def test_a_web_page_with_a_table() -> None:
    result = read(_html().encode(), name="a.html")
    assert _values(result) == WANTED
    assert "var x" not in result["text"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_text_in_the_encodings_offices_use(encoding: str) -> None:
    assert _values(read("\n".join(LINES).encode(encoding), name="a.txt")) == [(30, None)]


def test_a_pdf() -> None:
    assert _values(read(_pdf(LINES), name="a.pdf")) == [(30, None)]


def test_an_empty_file() -> None:
    assert _refused(b"", "a.txt").code == "empty"
    assert _refused("  \n ").code == "empty"


def test_no_chinese() -> None:
    assert _refused("Lorem ipsum dolor 20 sit amet.").code == "no_chinese"


def test_ten_megabytes_of_garbage() -> None:
    assert _refused(bytes(range(256)) * 40_000, "a.txt").code in ("not_text", "no_chinese", "too_long")
    assert _refused("啊1个" * 3_500_000).code == "too_long"


def test_a_zip_bomb() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"<w>" + b" " * 80_000_000)
    assert _refused(out.getvalue(), "a.docx").code == "zip_bomb"


def test_a_zip_whose_header_lies() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"<w>" + b" " * 60_000_000)
    data = bytearray(out.getvalue())
    at = data.rfind(b"PK\x01\x02")
    data[at + 24 : at + 28] = (1000).to_bytes(4, "little")  # the uncompressed size in the directory
    assert _refused(bytes(data), "a.docx").code in ("zip_bomb", "bad_docx")


def test_entities_of_a_docx_are_not_expanded() -> None:
    out = io.BytesIO()
    bomb = (
        '<!DOCTYPE w [<!ENTITY a "啊啊啊啊啊啊啊啊啊啊">'
        + "".join(f'<!ENTITY a{n} "{f"&a{n - 1 or chr(0)};".replace(chr(0), "") * 10}">' for n in range(1, 9))
        + "]><w>&a8;</w>"
    )
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("word/document.xml", bomb)
    assert _refused(out.getvalue(), "a.docx").code == "bad_docx"


def test_an_encrypted_pdf() -> None:
    data = _assemble(
        ["<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [] /Count 0 >>",
         f"<< /Filter /Standard /V 1 /R 2 /P -44 /O <{'11' * 32}> /U <{'22' * 32}> >>"],
        "/Encrypt 3 0 R /ID [<00> <00>]",
    )  # fmt: skip
    assert _refused(data, "a.pdf").code == "encrypted_pdf"


def test_a_pdf_with_a_script() -> None:
    data = _assemble(
        [
            "<< /Type /Catalog /Pages 2 0 R /OpenAction << /S /JavaScript /JS (app.alert(1)) >> >>",
            "<< /Type /Pages /Kids [] /Count 0 >>",
        ]
    )
    assert _refused(data, "a.pdf").code == "active_pdf"


def test_a_script_hidden_by_a_spelled_out_name() -> None:
    data = _assemble(
        [
            "<< /Type /Catalog /Pages 2 0 R /OpenAction << /S /Java#53cript /J#53 (app.alert(1)) >> >>",
            "<< /Type /Pages /Kids [] /Count 0 >>",
        ]
    )
    assert _refused(data, "a.pdf").code == "active_pdf"


@pytest.mark.parametrize(
    "data", [b"%PDF-1.4\n%broken", b"%PDF-1.4\n" + b"\xff" * 3000, b"%PDF-1.7 1 0 obj << /Type /Catalog >> endobj"]
)
def test_a_broken_pdf(data: bytes) -> None:
    assert _refused(data, "a.pdf").code in ("bad_pdf", "scanned_pdf")


def test_a_broken_docx() -> None:
    assert _refused(b"PK\x03\x04 nothing", "a.docx").code == "bad_docx"


def test_an_old_word_file() -> None:
    assert _refused(b"\xd0\xcf\x11\xe0" + b"\0" * 600, "a.doc").code == "old_word"


def test_too_large() -> None:
    assert _refused(b"a" * 30_000_001, "a.txt").code == "too_big"
