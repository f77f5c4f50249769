"""Why an order is not in the plan of a day, in words that say what can be done."""

from songhe.care.services import terms
from songhe.care.services.models import Order
from songhe.insight.planning.reasons import Reason

SHIFTS = (
    "班次从驻地出发算起，到回到驻地为止；已派出的订单原样不动，新单排在它们之间。",
    "A shift runs from leaving the base to being back; orders dispatched already stay as they are and new ones go between them.",
)


def no_base(workers: int, minutes: int) -> tuple[str, str]:
    return (
        f"{workers} 名护理员没有驻地坐标，来回各按 {minutes} 分钟算。",
        f"{workers} workers have no position of their base; each way from or to it counts {minutes} minutes.",
    )


def drawn(orders: int) -> tuple[str, str]:
    return (
        f"{orders} 张单的老人和村都没有坐标，按示意图上村的位置估算路程。",
        f"{orders} orders have neither a position of the person nor of the village; the village's place on the schematic map was used.",
    )


def too_many(most: int) -> Reason:
    return Reason(
        "too_many", "", f"一次最多排 {most} 张，先排最急的；派出后请再排一次。",
        f"At most {most} orders are planned at once, the most pressing first; plan again once these are dispatched.",
    )  # fmt: skip


def no_position() -> Reason:
    return Reason(
        "no_position", "", "老人和所在村都没有坐标，算不出路程。请补登坐标，或打开订单单独派。",
        "Neither the person nor the village has a position, so no way can be worked out. Add one, or dispatch this order by itself.",
    )  # fmt: skip


def missing(rule: str, order: Order) -> Reason:
    """`rule`: a name of `care.services.queries.stages`."""
    kind = str(order.item.get_kind_display())
    papers = "、".join(str(dict(terms.QUALIFICATIONS)[code]) for code in order.item.qualifications)
    codes = ", ".join(order.item.qualifications)
    zh, en = {
        "employed": ("辖区内当天没有在职的护理员。", "No worker is employed in the area that day."),
        "provider": (f"没有在这里提供{kind}的机构有足够的人。", "No provider of this kind of service here has enough workers."),
        "capacity": ("能做的机构当天单数已满。", "The providers have as many orders that day as they can take."),
        "area": ("护理员的服务区域都不含这个村。", "No worker serves this village."),
        "absence": ("能去的护理员当天请假。", "The workers who serve here are away that day."),
        "certificate": (f"没有足够的护理员当天持有有效的{papers}证书。", f"Too few workers hold a valid certificate ({codes}) that day."),
    }[rule]  # fmt: skip
    return Reason(f"no_{rule}", "", f"{zh}请增派人员或与老人另约时间。", f"{en} Add workers or agree another day.")


def no_shift(able: int, _carers: int) -> Reason:
    return Reason(
        "no_shift", "", f"可派的 {able} 人当天没有班次，或班次已过。请先登记班次，或另约时间。",
        f"The {able} workers who may go have no shift left that day. Record shifts, or agree another day.",
    )  # fmt: skip


def day_full(able: int, _carers: int) -> Reason:
    return Reason(
        "day_full", "", f"可派的 {able} 人当天剩下的服务分钟数不够。请另约时间或增派人员。",
        f"The {able} workers who may go have too few minutes of service left that day. Agree another day or add workers.",
    )  # fmt: skip


def no_time(able: int, carers: int) -> Reason:
    if carers > 1:
        return Reason(
            "no_time", "", f"需要 {carers} 人同去，可派的 {able} 人在希望的时间凑不齐。请另约时间。",
            f"{carers} carers are needed at once; of the {able} who may go too few have the time then. Agree another time.",
        )  # fmt: skip
    return Reason(
        "no_time", "", f"可派的 {able} 人在希望的时间都走不开（班次和已派的订单）。请另约时间。",
        f"None of the {able} workers who may go has the time then (shifts and orders held). Agree another time.",
    )  # fmt: skip


def crowded(able: int, late: int) -> Reason:
    return Reason(
        "crowded", "", f"能去的 {able} 人时间都给了别的单；硬排会晚到 {late} 分钟以上，或超出班次。请另约时间、增派人员，或指定一人再算。",
        f"The time of the {able} workers who could go is given to other orders; it would begin more than {late} minutes late or end after the shift. Agree another time, add workers, or name somebody and calculate again.",
    )  # fmt: skip


def not_together(carers: int) -> Reason:
    return Reason(
        "not_together", "", f"需要 {carers} 人同时到场，没有一家机构当天凑得出。请另约时间或增派人员。",
        f"{carers} carers must be there at once and no provider has that many free at the same time. Agree another time or add workers.",
    )  # fmt: skip


def over_daily(name: str) -> Reason:
    return Reason(
        "over_daily", "", f"排上它会超出{name}每日最多的服务分钟数，别人也腾不出时间。",
        f"It would take {name} beyond their minutes of service a day, and nobody else has the time.",
    )  # fmt: skip


def provider_full(name: str) -> Reason:
    return Reason(
        "provider_full", "", f"“{name}”当天单数已满，别的机构也腾不出时间。",
        f"“{name}” can take no more orders that day, and no other provider has the time.",
    )  # fmt: skip


def pin_cannot(name: str) -> Reason:
    return Reason(
        "pin_cannot", "", f"指定的{name}当天排不下这张单。请换一人，或取消指定再算。",
        f"{name}, who was named for it, cannot fit it in that day. Name somebody else or let it be calculated freely.",
    )  # fmt: skip


def aside() -> Reason:
    return Reason("aside", "", "您把它放在一边，没有排。勾上再算即可排入。", "You set it aside. Tick it and calculate again to plan it.")  # fmt: skip


def nobody_left() -> Reason:
    return Reason(
        "nobody_left", "", "您的要求排除了所有能去的人。请取消一项再算。",
        "What you asked for leaves nobody who may go. Take one wish back and calculate again.",
    )  # fmt: skip
