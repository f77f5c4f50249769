"""The API: OpenAPI 3.1 at /api/openapi.json. No page of its own: a documentation page would fetch scripts from elsewhere."""

from ninja import NinjaAPI

from songhe.doors.api import duties, errors, indicators, places, visits
from songhe.doors.api.keys import Bearer

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
    urls_namespace="api",
)
errors.teach(api)
for part in (places, duties, visits, indicators):
    api.add_router("", part.router)
