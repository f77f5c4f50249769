"""`songhe read FILE [--json]`: a notice into items, tables and warnings. Needs no database."""

import json as as_json
import sys
from pathlib import Path
from typing import Annotated

import typer

from songhe.insight.reading import ReadingError
from songhe.insight.reading import read as read_notice

app = typer.Typer(add_completion=False)
KIND = {
    "target": "目标",
    "achieved": "已完成",
    "standard": "标准",
    "duty": "常态责任",
    "budget": "资金",
    "allocation": "分解",
    "schedule": "时间节点",
}
SIGN = {">=": "≥", "<=": "≤", "about": "约", "=": ""}


@app.command()
def read(
    file: Annotated[Path, typer.Argument(help="通知 a notice: .txt .html .docx .pdf; - 为标准输入 for standard input")],
    json: Annotated[bool, typer.Option("--json", help="输出 JSON")] = False,
) -> None:
    """读一份通知，得到工作清单草稿。Read a notice into a draft programme."""
    try:
        data = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
        result = read_notice(data, name="" if str(file) == "-" else file.name)
    except OSError as problem:
        _stop(
            f"打不开文件“{file}”：{problem.strerror}。请检查路径和权限。",
            f"Cannot open “{file}”. Check the path and the permissions.",
        )
    except ReadingError as problem:
        _stop(problem.zh, problem.en)
    if json:
        sys.stdout.write(as_json.dumps(result, ensure_ascii=False) + "\n")
    else:
        _show(result)


def _stop(zh: str, en: str) -> None:
    typer.echo(zh, err=True)
    typer.echo(en, err=True)
    raise typer.Exit(2)


def _show(result: dict) -> None:
    typer.echo(result["title"])
    head = [result["issuer"], result["document_number"], result["published"]]
    typer.echo("  ".join(h for h in head if h))
    for item in result["items"]:
        typer.echo(_line(item))
    for table in result["tables"]:
        typer.echo(
            f"表 table {table['id']}  {table['title']}  {len(table['rows'])} 行 rows  {'合计相符 proven' if table['proven'] else '未经合计证明 unproven'}"
        )
    for warning in result["warnings"]:
        typer.echo(f"! {warning['id']} {warning['zh']}\n     {warning['en']}")
    typer.echo(
        f"{len(result['items'])} 条 items, {len(result['warnings'])} 条提醒 warnings, 删去 {len(result['cuts'])} 处 cuts"
    )


def _line(item: dict) -> str:
    amount = (
        "" if item["value"] is None else f"{SIGN.get(item['comparator'] or '=', '')}{item['value']}{item['unit'] or ''}"
    )
    parts = [
        f"{item['id']:>5} {KIND[item['kind']]}",
        item["scope"] or "",
        item["title"] if item["kind"] == "schedule" else item["subject"],
        amount,
        f"每{item['per']}" if item["per"] else "",
        item["deadline"] or "",
    ]
    return "  ".join(p for p in parts if p)


if __name__ == "__main__":
    app()
