"""What may be done with home-based care beds and devices: every verb can be called from here.

Every verb: keyword-only, `by` (the account) and `post` (in whose name), one transaction, one audit row. The system's own jobs
pass `by=None, post=None` inside `core.acting.everywhere()`.
"""

from songhe.care.agreements.actions.beds import accept, assess, end, fit, plan, renew, sign, survey
from songhe.care.agreements.actions.fitting import install, retrofit, serve, take_down, void_care
from songhe.care.agreements.actions.intake import (
    Answer,
    Signal,
    admit,
    fresh,
    receive,
    revoke,
    signature,
    signed_by,
)

__all__ = [
    "Answer", "Signal", "accept", "admit", "assess", "end", "fit", "fresh", "install", "plan", "receive", "renew",
    "retrofit", "revoke", "serve", "sign", "signature", "signed_by", "survey", "take_down", "void_care",
]  # fmt: skip
