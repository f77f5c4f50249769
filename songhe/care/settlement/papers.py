"""A month on paper: the settlement file (every line, .xlsx) and the provider's statement (.pdf), from what is kept and nothing else.

Names of older people are not on them: an order is found by its number.
"""

import io
from collections import defaultdict
from decimal import Decimal
from html import escape

from django.utils import timezone

from songhe.care.settlement import definitions
from songhe.care.settlement.models import ANSWERS, HELD, Settlement
from songhe.core.workbook import Column, write_xlsx

COLUMNS = [
    Column("订单号", width=18), Column("服务日期", width=12), Column("对象编号", width=12), Column("包件", width=16),
    Column("服务项目", width=18), Column("数量", "number", width=8), Column("单价（元）", "number", width=10),
    Column("政府承担（%）", "number", width=12), Column("金额（元）", "number", width=12), Column("说明", width=30),
]  # fmt: skip
_FACES = '"FangSong", "仿宋", "Noto Serif CJK SC", serif'
_STYLE = f"""
@page {{ size: A4; margin: 20mm 18mm; @bottom-center {{ content: counter(page) " / " counter(pages); font: 9pt {_FACES}; }} }}
body {{ font: 11pt/1.5 {_FACES}; }} h1 {{ font-size: 18pt; text-align: center; }} h2 {{ font-size: 13pt; }}
table {{ border-collapse: collapse; width: 100%; }} th, td {{ border: 0.25mm solid #000; padding: 1mm 2mm; text-align: left; }}
td.n, th.n {{ text-align: right; }} .small {{ font-size: 9pt; }} tr {{ break-inside: avoid; }}
"""


def lines_of(row: Settlement):
    """The lines with what they show, by order."""
    return row.lines.select_related("order__item", "lot").order_by("order_id")


def by_service(row: Settlement) -> list[dict]:
    """[{name, unit, price, units, orders, persons, amount}]: 人次 and 人 apart."""
    sums: dict[tuple, dict] = {}
    people: dict[tuple, set[int]] = defaultdict(set)
    for line in lines_of(row):
        key = (line.service, line.price)
        one = sums.setdefault(
            key, {"name": line.order.item.name, "unit": line.order.item.unit, "price": line.price, "units": Decimal(0), "orders": 0, "amount": Decimal(0)}
        )  # fmt: skip
        one["units"] += line.units
        one["orders"] += 1
        one["amount"] += line.amount
        people[key].add(line.person_id)
    return [one | {"persons": len(people[key])} for key, one in sorted(sums.items())]


def xlsx(row: Settlement, *, watermark: str = "") -> bytes:
    """The settlement file: a row an order; deductions, exceptions, signatures and the digest on the sheet of notes."""
    out = io.BytesIO()
    rows = (
        [
            line.order.number, f"{line.order.service_on:%Y-%m-%d}", f"P{line.person_id}", line.lot.name,
            line.order.item.name, float(line.units), float(line.price), float(line.share), float(line.amount), "",
        ]
        for line in lines_of(row)
    )  # fmt: skip
    write_xlsx(out, COLUMNS, rows, sheet="结算明细", watermark=watermark, notes=_notes(row))
    return out.getvalue()


def _notes(row: Settlement) -> list[str]:
    titles = definitions.on(row.month).titles
    answers, why = dict(ANSWERS), dict(HELD)
    return [
        f"{row.contract.title}（{row.contract.number}） {row.month:%Y年%m月}",
        f"{row.orders} 人次，{row.persons} 人；应结 {row.gross} 元，扣减 {row.deducted} 元，实付 {row.net} 元",
        *(f"扣减：{titles[one.rule]['zh']} {one.words} ＝ {one.amount} 元" for one in row.deductions.order_by("pk")),
        *(
            f"例外：{held.order.number} {why[held.why]} → {answers.get(held.answer, '未处理')}（{held.reason}）"
            for held in row.held.select_related("order").order_by("pk")
        ),
        *(f"签字：{each['name']} {each['at']} {each['words']}" for each in signatures(row)),
        f"依据：{definitions.on(row.month).clause['zh']}",
        f"内容摘要 SHA-256：{row.digest or '（未封存）'}",
    ]


def signatures(row: Settlement) -> list[dict]:
    """The last round: [{name, verdict, words, at}]."""
    turn = row.signers.order_by("-round").values_list("round", flat=True).first()
    found = row.signers.filter(round=turn).select_related("user").order_by("pk")
    return [
        {
            "user": each.user_id, "name": str(each.user), "verdict": each.verdict,
            "words": each.get_verdict_display() if each.verdict else "", "opinion": each.opinion,
            "at": f"{timezone.localtime(each.at):%Y-%m-%d %H:%M}" if each.at else "",
        }
        for each in found
    ]  # fmt: skip


def pdf(row: Settlement) -> bytes:
    """The provider's statement. WeasyPrint is loaded here, not with the app: it takes seconds."""
    from weasyprint import HTML

    return HTML(string=page(row), base_url="about:blank", url_fetcher=_nothing_from_outside).write_pdf()


def _nothing_from_outside(url: str, *_args, **_kwargs):
    raise ValueError(f"a document fetches nothing: {url}")


def page(row: Settlement) -> str:
    """The HTML that is set; every value escaped."""
    titles = definitions.on(row.month).titles
    services = _table(
        ["服务项目", "单价（元）", "数量", "人次", "人数", "金额（元）"],
        [[s["name"], s["price"], f"{s['units']:g} {s['unit']}", s["orders"], s["persons"], s["amount"]] for s in by_service(row)],
    )  # fmt: skip
    off = _table(["扣减规则", "算式", "金额（元）"], [[titles[d.rule]["zh"], d.words, d.amount] for d in row.deductions.order_by("pk")])  # fmt: skip
    held = _table(
        ["订单号", "例外", "处理", "理由"],
        [[h.order.number, h.get_why_display(), h.get_answer_display() if h.answer else "未处理", h.reason] for h in row.held.select_related("order").order_by("pk")],
    )  # fmt: skip
    signed = _table(["签字人", "意见", "时间"], [[s["name"], s["words"], s["at"]] for s in signatures(row)])
    demo = "<p>演示数据，不作付款依据。</p>" if row.contract.origin == "demo" else ""
    title = escape(f"{row.month:%Y年%m月}政府购买服务结算单")
    return f"""<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style>
<h1>{title}</h1>{demo}<p>合同：{escape(row.contract.title)}（{escape(row.contract.number)}）<br>购买主体：{escape(row.contract.buyer)}
<br>承接机构：{escape(str(row.contract.provider))}</p>
<p><b>实付 {row.net} 元</b>（应结 {row.gross} 元，扣减 {row.deducted} 元）；{row.orders} 人次，{row.persons} 人。</p>
<h2>一、服务汇总</h2>{services}<h2>二、扣减</h2>{off}<h2>三、例外</h2>{held}<h2>四、签字</h2>{signed}
<p class="small">依据：{escape(definitions.on(row.month).clause["zh"])}。内容摘要 SHA-256：{escape(row.digest or "（未封存）")}</p></html>"""


def _table(head: list[str], rows: list[list]) -> str:
    if not rows:
        return "<p>无。</p>"
    body = "".join(f"<tr>{''.join(f'<td>{escape(str(cell))}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><thead><tr>{''.join(f'<th>{escape(cell)}</th>' for cell in head)}</tr></thead><tbody>{body}</tbody></table>"
