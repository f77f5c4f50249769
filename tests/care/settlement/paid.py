"""A contract over the street's county, and a month of served orders: accepted ones, and three that are not."""

from decimal import Decimal

from songhe.care.evidence import actions as evidence
from songhe.care.settlement import actions
from tests.care.evidence.served import Served, at, month_ago


class Paid(Served):
    """`paid.contract`, `paid.month`; `paid.plain(n)` serves n orders nothing speaks against."""

    def __init__(self):
        super().__init__()
        self.month = month_ago()
        self.leader, self.finance = self.post("leader", self.place), self.post("finance", self.place)
        clerk = {"by": self.clerk.user, "post": self.clerk}
        self.contract = actions.register_contract(
            place=self.place, provider=self.providers[0], number="HT-1", title="虚构合同", buyer="虚构县民政局", needed=2,
            starts_on=self.month, ends_on=self.month.replace(year=self.month.year + 1), **clerk,
        )  # fmt: skip
        self.lot = actions.add_lot(
            contract=self.contract, name="一包", places=[self.place], prices={"cleaning": Decimal("38.00")}, **clerk
        )

    def plain(self, count: int):
        """So many orders, one a day, of different people."""
        out = []
        for n in range(count):
            order = self.order(day=3 + n, person=self.people[n % 4])
            self.serve(order)
            out.append(order)
        return out

    def doubtful(self):
        """Three exceptions: too short and waiting, refused, and a bath that the contract has no price for."""
        short = self.order(day=20, person=self.people[4])
        self.serve(short, minutes=30)
        no = self.order(day=21, person=self.people[5])
        self.serve(no, minutes=20)
        bath = self.order(day=22, person=self.people[6], item="bath-home", hands=(0, 1))
        for worker in self.team[0][:2]:
            self.serve(bath, worker=worker)
        evidence.look(month=self.month)
        flag = no.flags.get()
        evidence.decide(flags=[flag], verdict="refused", reason="没有上门", by=self.clerk.user, post=self.clerk)
        return short, no, bath

    def draw(self, post=None):
        post = post or self.clerk
        return actions.draw_up(by=post.user, post=post, contract=self.contract, month=self.month)

    def answered(self, settlement):
        for held in settlement.held.all():
            actions.answer(by=self.clerk.user, post=self.clerk, held=held, answer="carry", reason="下月核定后再结")

    def signed(self, settlement):
        """Asked by the clerk, signed by the leader and by finance."""
        actions.ask(
            by=self.clerk.user, post=self.clerk, settlement=settlement, signers=[self.leader.user, self.finance.user]
        )
        for post in (self.leader, self.finance):
            settlement = actions.sign(by=post.user, post=post, settlement=settlement, verdict="agree")
        return settlement


__all__ = ["Paid", "at"]
