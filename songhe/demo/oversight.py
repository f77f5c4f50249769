"""An invented ledger, meetings and awards for the demo city, through the actions: marked 演示, made once, quick.

The real commitments of the notices are the programmes' business; these rows show the pages at work.
"""

from datetime import date, timedelta
from decimal import Decimal

from songhe.core import periods
from songhe.demo.staff import SINCE
from songhe.oversight.awards import actions as awards
from songhe.oversight.ledger import actions as ledger
from songhe.oversight.ledger.models import Item
from songhe.oversight.participation import actions as meetings
from songhe.registry.accounts.models import User
from songhe.registry.places.models import Place

TASKS = [
    # title, lead unit, cooperating, quantity, unit, days until due, done so far, progress
    (
        "（演示）改造日间照料站室内防滑和扶手",
        "民政局",
        ["住房和城乡建设局"],
        12,
        "处",
        48,
        7,
        "已改造 7 处，其余已进场",
    ),
    ("（演示）为困难老年人更换智能烟感", "应急管理局", ["民政局", "消防救援大队"], 300, "个", 9, 180, "已安装 180 个"),
    ("（演示）整理惠老餐厅食品经营许可", "市场监督管理局", ["民政局"], 15, "家", -6, 11, "4 家正在补办"),
    ("（演示）开展冬季取暖安全排查", "民政局", ["应急管理局"], None, "", 25, None, "已下发排查表"),
    ("（演示）汇编探访关爱工作手册", "民政局", [], 1, "本", 12, 1, "已印发"),
]
TENDERS = [  # dingzhou-2021/R12: a home, asked and signed on
    ("李亲顾民政事业养老服务中心公建民营招标（演示）", date(2021, 6, 17)),
    ("叮咛店民政事业服务中心公建民营招标（演示）", date(2021, 6, 25)),
]
DECISIONS = [
    ("（演示）一周内核对死亡登记与津贴发放名单", "民政局", ["公安局", "卫生健康局"], 5),
    ("（演示）解决两处照料站用房产权手续", "自然资源和规划局", ["住房和城乡建设局"], 40),
]
EXEMPLARS = ["演示典型甲", "演示典型乙", "演示典型丙"]


def load(*, city: Place, town: Place, users: dict[str, User], today: date) -> dict:
    """Make the rows once; returns counts of what is there. Runs inside `core.acting.everywhere()`."""
    if not Item.objects.filter(origin="demo").exists():
        _tenders(city, users)
        items = _ledger(city, town, users, today)
        _meetings(city, users, today)
        _drive(city, items, today)
        _awards(city, town, today)
    return {"ledger": Item.objects.filter(origin="demo").count()}


def _ledger(city: Place, town: Place, users: dict[str, User], today: date) -> list[Item]:
    made = []
    for number, (title, lead, with_units, quantity, unit, days, done, words) in enumerate(TASKS):
        item = ledger.open_item(
            by=None, post=None, place=town if number % 2 else city, title=title, lead_unit=lead,
            cooperating_units=with_units, quantity=Decimal(quantity) if quantity else None, unit=unit,
            starts_on=today - timedelta(days=20), due_on=today + timedelta(days=days), source_document="演示",
            origin="demo",
        )  # fmt: skip
        count = Decimal(done) if done else None
        ledger.record_progress(item=item, text=words, done=count, on=today - timedelta(days=3), by=None, post=None)
        made.append(item)
    problem = ledger.raise_problem(
        item=made[2], text="两家餐厅场地不符合许可条件", owner_unit="市场监督管理局", on=today - timedelta(days=12),
        due_on=today - timedelta(days=2), by=None, post=None,
    )  # fmt: skip
    ledger.coordinate(
        problem=problem, text="一家已改造，一家另选场地", outcome="open", with_units=["民政局"], by=None, post=None
    )
    ledger.remind(item=made[2], text="已过期限，请说明原因和完成日期。", by=users.get("mishu"), post=None)
    ledger.propose_change(
        item=made[1], changes={"due_on": today + timedelta(days=30)}, reason="第二批烟感到货晚", by=users.get("mishu"),
        post=None,
    )  # fmt: skip
    _closed(made[4], users)
    return made


def _tenders(city: Place, users: dict[str, User]) -> None:
    """The two lines that a target of 2021 counts as closed."""
    for title, on in TENDERS:
        item = ledger.open_item(
            by=None, post=None, place=city, kind="target", programme="dingzhou-2021", target="tenders", commitment="R12",
            title=title, lead_unit="养老服务办", starts_on=date(2021, 3, 1), due_on=date(2021, 6, 30),
            due_literal="6月底前", source_document="演示", origin="demo",
        )  # fmt: skip
        if "juzhang" in users:
            asked = ledger.ask_close(
                item=item, statement="已开标，运营方公示无异议", signers=[users["juzhang"]], by=users.get("keyuan"),
                post=None, on=on,
            )  # fmt: skip
            ledger.sign(close_out=asked, verdict="agree", by=users["juzhang"], post=None, on=on)


def _closed(item: Item, users: dict[str, User]) -> None:
    if "juzhang" in users:
        asked = ledger.ask_close(
            item=item, statement="已印发各乡镇（街道）", signers=[users["juzhang"]], by=users.get("keyuan"), post=None
        )
        ledger.sign(close_out=asked, verdict="agree", by=users["juzhang"], post=None)


def _meetings(city: Place, users: dict[str, User], today: date) -> None:
    body = meetings.found_body(
        place=city,
        kind="joint_meeting",
        name="养老服务联席会议（演示）",
        valid_from=SINCE,
        by=users.get("mishu"),
        post=None,
    )
    units = ("民政局", "财政局", "卫生健康局", "公安局", "自然资源和规划局", "住房和城乡建设局", "市场监督管理局")
    for unit in units:
        role = "office" if unit == "民政局" else "member"
        meetings.give_seat(body=body, unit=unit, role=role, valid_from=SINCE, by=None, post=None)
    held = meetings.convene(
        body=body, on=today - timedelta(days=10), agenda=[("通报三季度进展", "民政局"), ("研究用房手续", "自然资源和规划局")],
        chair="分管副市长", by=None, post=None, origin="demo",
    )  # fmt: skip
    meetings.keep_minutes(meeting=held, text="会议听取了进展汇报，研究了用房手续和数据核对。", by=None, post=None)
    for text, lead, with_units, days in DECISIONS:
        decision = meetings.decide(
            meeting=held, text=text, lead_unit=lead, cooperating_units=with_units, due_on=today + timedelta(days=days),
            by=None, post=None,
        )  # fmt: skip
        meetings.take_on(decision=decision, by=None, post=None, origin="demo")
    meetings.ask_data(
        place=city, asking_unit="民政局", asked_unit="公安局", subject="本月户籍注销名单（演示）", purpose="核对津贴发放",
        asked_on=today - timedelta(days=4), by=None, post=None, origin="demo",
    )  # fmt: skip


def _drive(city: Place, items: list[Item], today: date) -> None:
    drive = ledger.start_drive(
        kind="look_back", title="已办事项回头看（演示）", place=city, starts_on=today - timedelta(days=2),
        ends_on=today + timedelta(days=12), items=[items[0], items[4]], by=None, post=None, origin="demo",
    )  # fmt: skip
    chosen = drive.chosen.get(item=items[4])
    ledger.find(chosen=chosen, verdict="kept", text="各镇都在用", by=None, post=None)


def _awards(city: Place, town: Place, today: date) -> None:
    month = periods.containing("month", today)
    award = awards.open_round(award="township-exemplar", place=town, period=month, by=None, post=None, origin="demo")
    for name in EXEMPLARS:
        awards.nominate(round=award, name=name, deeds="照料独居邻居，逢节上门（演示）", by=None, post=None)
    half = periods.containing("half", today)
    awards.open_round(award="city-exemplar", place=city, period=half, by=None, post=None, origin="demo")
