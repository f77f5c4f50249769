"""Official documents from plain data: the same content as .docx and as PDF, the same bytes each time.

A content is JSON: what is printed, nothing to be looked up.

    {"mark": "定州市民政局文件", "number": "定民通报〔2023〕5号", "title": "…通报", "to": "各乡镇人民政府：", "demo": "", "draft": "",
     "blocks": [{"kind": "heading", "level": 1, "text": "一、总体情况"},
                {"kind": "text", "runs": ["探访关爱率88.9%（8/9）", {"note": 1}, "。"]},
                {"kind": "table", "caption": "…", "head": ["地区", {"text": "探访关爱率", "note": 1}], "rows": [["北城区", {"text": "8/9", "url": "…"}]],
                 "widths": [40, 60]}],
     "signed": {"organ": "定州市民政局", "date": "2023年11月1日"},
     "annex": {"title": "数据说明", "notes": [{"n": 1, "text": "…", "url": "/indicators/…"}]},
     "edition": {"copies": "…", "printed_by": "定州市民政局办公室", "printed_on": "2023年11月1日印发"},
     "site": "https://…", "made_at": "2023-11-01T08:00:00+08:00"}
"""

from songhe.oversight.bulletins.documents.docx import docx
from songhe.oversight.bulletins.documents.pdf import pdf

__all__ = ["docx", "pdf"]
