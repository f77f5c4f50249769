"""Recording what happened: one visit, or up to five hundred from a phone that was offline."""

from ninja import Router, Status
from pydantic import TypeAdapter, ValidationError

from songhe.doors.api import errors, keys, reasons, recording, shapes
from songhe.doors.api.errors import answers
from songhe.doors.api.keys import QuickBearer
from songhe.doors.api.shapes import to_json
from songhe.registry.accounts.access import require

router = Router(tags=["visits"])
