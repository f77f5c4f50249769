"""`songhe plan week`: the week's calls and visits of a township, county or prefecture, on the database."""

import json
import sys
import time
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from songhe.doors.cli.setup import django_ready, lang
from songhe.doors.cli.stopping import stop_on_signal


def week(
    place: Annotated[str, typer.Option("--place", help="区划代码 division code")],
    week: Annotated[str, typer.Option("--week", "--period", help="周 week: 2026-W47")],
    seconds: Annotated[float | None, typer.Option("--seconds", min=0.1, help="计算时限(秒) / time limit")] = None,
    effort: Annotated[int | None, typer.Option("--effort", min=1, help="每次上门的步数 / steps a visit")] = None,
    seed: Annotated[int, typer.Option("--seed", help="随机种子 / seed")] = 1,
    threads: Annotated[int, typer.Option("--threads", min=1, max=64, help="并行线程数 / threads")] = 2,
    rule: Annotated[str, typer.Option("--rule", help="规则 rule")] = "visiting",
    roads: Annotated[Path | None, typer.Option("--roads", exists=True, help="道路 GeoJSON / roads")] = None,
    on: Annotated[str, typer.Option("--on", help="按哪天的情形排，默认今天 / as of which day (today)")] = "",
    dry: Annotated[bool, typer.Option("--dry-run", help="只算不存 / write nothing")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="接着上次未完的 / go on where a run was cut off")] = False,
    tell: Annotated[bool, typer.Option("--tell", help="排好即下达 / put the plans in force at once")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="只输出一个 JSON 对象 / print one JSON object")] = False,
) -> None:
    """一周两电一访排班：谁、哪天、按什么次序 / who calls and visits whom, on which day, in which order."""
    django_ready()
    from songhe.care.duties.access import SYSTEM
    from songhe.core.acting import everywhere
    from songhe.core.periods import parse
    from songhe.insight.planning.weekly.model import EFFORT
    from songhe.insight.rounds import actions, county
    from songhe.registry.places.queries import by_code

    begun = time.monotonic()
    stop = stop_on_signal()
    limits = county.Limits(
        seconds=seconds, now=time.monotonic, effort=effort or EFFORT, seed=seed, threads=threads,
        cancelled=stop.is_set, report=_progress(),
    )  # fmt: skip
    period, again = parse(week), "resume" if resume else ""
    today = date.fromisoformat(on) if on else None
    with everywhere():
        where = by_code(place)
        places = county.townships(post=SYSTEM, place=where, period=period, rule=rule, resume=again)
    done = []
    for one in county.plan_townships(
        places, post=SYSTEM, period=period, by=0, rule=rule, limits=limits, dry="dry" if dry else "", resume=again, today=today, roads=roads
    ):  # fmt: skip
        if tell and one.plan:
            with everywhere():
                one.plan = actions.tell(plan=one.plan, by=0, post=SYSTEM)
        done.append(one)
    body = _summary(place, week, places, done) | {
        "dry_run": dry,
        "cancelled": stop.is_set(),
        "seconds": round(time.monotonic() - begun, 2),
    }
    typer.echo(json.dumps(body, ensure_ascii=False) if as_json else "\n".join(_lines(body)))


def _progress():
    if not sys.stderr.isatty():
        return None
    return lambda done, of, name: typer.echo(f"\r{done}/{of} {name}   ", err=True, nl=False)


def _spread(values: list[float]) -> float:
    mean = sum(values) / max(1, len(values))
    return (sum((v - mean) ** 2 for v in values) / max(1, len(values))) ** 0.5


def _town(one) -> dict:  # type: ignore[no-untyped-def]
    if one.made is None:
        return {"code": one.place.code, "name": str(one.place), "refused": one.refusal.code, "zh": one.refusal.zh, "en": one.refusal.en}  # fmt: skip
    made, found = one.made, one.made.plan
    visits = sum(it.kind == "visit" for it in found.items)
    return {
        "code": one.place.code, "name": str(one.place), "plan": one.plan.pk if one.plan else None,
        "people": len(made.week.people), "helpers": len(made.week.helpers), "visits": visits,
        "calls": len(found.items) - visits, "left": len(found.undone), "excused": len(found.excused),
        "travel_minutes": round(found.travel, 1), "naive_travel_minutes": round(made.naive[0], 1),
        "spread_minutes": round(found.spread, 2), "naive_spread_minutes": round(made.naive[1], 2),
        "price": round(found.price, 1), "cut_short": made.cut,
    }  # fmt: skip


def _summary(place: str, week: str, places: list, done: list) -> dict:
    towns = [_town(one) for one in done]
    planned = [town for town in towns if "plan" in town]
    made = [one.made for one in done if one.made]
    total = {
        key: round(sum(town[key] for town in planned), 1)
        for key in ("people", "helpers", "visits", "calls", "left", "excused", "travel_minutes", "naive_travel_minutes", "price")
    }  # fmt: skip
    began = {town["code"] for town in towns}
    return {
        "place": place,
        "week": week,
        **total,
        "travel_saved": round(1 - total["travel_minutes"] / total["naive_travel_minutes"], 4) if total["naive_travel_minutes"] else None,
        "spread_minutes": round(_spread([v for m in made for v in m.plan.work.values()]), 2),
        "naive_spread_minutes": round(_spread([v for m in made for v in m.naive_work.values()]), 2),
        "basis": dict(zip(("zh", "en"), made[0].plan.basis, strict=True)) if made else None,
        "bound": made[0].plan.bound_note if made else "",
        "undone": [r.as_dict() for m in made for r in m.plan.undone],
        "towns": towns,
        "not_planned": [p.code for p in places if p.code not in began],
    }  # fmt: skip


def _lines(body: dict) -> list[str]:
    zh = lang() == "zh"
    lines = []
    for town in body["towns"]:
        if "plan" not in town:
            lines.append(f"{town['name']}  {town['zh' if zh else 'en']}")
            continue
        lines.append(
            f"{town['name']}  {town['people']} 人 people  {town['visits']}+{town['calls']}  {town['travel_minutes']:.0f} "
            f"({town['naive_travel_minutes']:.0f}) min  ±{town['spread_minutes']:.0f} ({town['naive_spread_minutes']:.0f})"
            + (f"  未排 left {town['left']}" if town["left"] else "")
        )
    lines.append(
        f"合计 total: {body['people']:.0f} 人, 上门 visits {body['visits']:.0f}, 通话 calls {body['calls']:.0f}, 未排 left {body['left']:.0f}; "
        f"路程 travel {body['travel_minutes'] / 60:.1f} h (朴素 naive {body['naive_travel_minutes'] / 60:.1f} h); {body['seconds']:.1f} s"
    )
    if body["not_planned"]:
        lines.append(
            f"还有 {len(body['not_planned'])} 个乡镇未排，加 --resume 再运行即可接着排。" if zh
            else f"{len(body['not_planned'])} townships are not planned yet; run again with --resume."
        )  # fmt: skip
    return lines
