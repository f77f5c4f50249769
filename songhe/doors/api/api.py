"""The API: OpenAPI 3.1 at /api/openapi.json. No page of its own: a documentation page would fetch scripts from elsewhere."""

from typing import Any

from ninja import NinjaAPI
from ninja.parser import Parser
from ninja.renderers import BaseRenderer
from pydantic_core import from_json

from songhe.doors.api import devices, duties, errors, indicators, orders, oversight, people, places, visits
from songhe.doors.api.keys import Bearer
from songhe.doors.api.shapes import to_json


class Strict(Parser):
    """JSON as the standard says it: UTF-8 without lone surrogates, no NaN; what is not JSON is a 400."""

    def parse_body(self, request) -> Any:
        return from_json(request.body, allow_inf_nan=False)


class Json(BaseRenderer):
    """UTF-8 as it is, written in one pass."""

    media_type = "application/json"

    def render(self, request, data: Any, *, response_status: int) -> bytes:
        return to_json(data)


DESCRIPTION = """\
松鹤接口。令牌绑定岗位：岗位能看什么、能做什么、在哪里，令牌就能看什么、做什么、在哪里。证件号、电话、住址一律脱敏；读取个人档案逐次留痕。
未知参数一律报错，不当作“全部”。探访记录以客户端 UUID 幂等；其他写入请带 `Idempotency-Key`。

Tokens are bound to a post. Personal numbers are masked, every read of a file is audited, an unknown parameter is an error.
Visits are idempotent by their UUID; other writes by `Idempotency-Key`."""

api = NinjaAPI(
    title="松鹤 Songhe",
    version="1",
    description=DESCRIPTION,
    docs_url=None,
    auth=Bearer(),
    renderer=Json(),
    parser=Strict(),
    urls_namespace="api",
)
errors.teach(api)
for part in (places, people, duties, visits, indicators, devices, orders, oversight):
    api.add_router("", part.router)
