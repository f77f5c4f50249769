"""A small land: a province, a city with two counties, three townships, six villages, and posts in them."""

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest

from songhe.core.identity import check_character

SINCE = date(2000, 1, 1)


def number(area: str = "990682", birth: str = "19400101", seq: int = 1) -> str:
    """An invented ID number (prefix 99) with the right check character; odd `seq` is a man's."""
    first = f"{area}{birth}{seq:03d}"
    return first + check_character(first)


@dataclass
class Land:
    """Places by short name, posts by role and place."""

    places: dict
    posts: dict

    def __getitem__(self, name: str):
        return self.places[name]

    def post(self, role: str, place: str):
        return self.posts[role, place]


def _put(code, name, level, parent=None, kind="division"):
    from songhe.registry.places.models import Place

    above = {f"{c}_id": getattr(parent, f"{c}_id") if parent else None for c in ("province", "city", "county", "town")}
    place = Place.objects.create(
        code=code,
        name=name,
        short_name=name,
        level=level,
        parent=parent,
        kind=kind,
        valid_from=SINCE,
        source="测试",
        **above,
    )
    if level != "village":
        setattr(place, f"{'town' if level == 'township' else level}_id", place.pk)
        place.save()
    return place


@pytest.fixture
def land(db) -> Land:
    from songhe.core.acting import everywhere
    from songhe.registry.accounts.models import Post, User

    with everywhere():
        p = _put("990000", "松省", "province")
        c = _put("990600", "鹤市", "city", p)
        a = _put("990682", "安县", "county", c)
        b = _put("990683", "平县", "county", c)
        a1, a2 = _put("990682001", "东镇", "township", a), _put("990682002", "西镇", "township", a)
        b1 = _put("990683001", "北镇", "township", b)
        villages = [
            _put("990682001200", "东关村", "village", a1),
            _put("990682001201", "河口村", "village", a1),
            _put("990682002200", "西关社区", "village", a2),
            _put("990682002201", "河口村", "village", a2),
            _put("990683001200", "北庄村", "village", b1),
        ]
        places = {x.name: x for x in (p, c, a, b, a1, a2, b1, *villages)} | {
            "西河口": villages[3],
            "东河口": villages[1],
        }
        posts = {}
        wanted = [
            ("clerk", "安县"), ("clerk", "平县"), ("clerk", "鹤市"), ("township_worker", "东镇"), ("township_worker", "西镇"),
            ("village_worker", "东关村"), ("helper", "东关村"), ("leader", "安县"), ("assessor", "安县"), ("system_admin", "安县"),
            ("helper", "北庄村"),
        ]  # fmt: skip
        for role, where in wanted:
            user = User.objects.create(username=f"{role}-{places[where].code}", name=f"{where}{role}")
            posts[role, where] = Post.objects.create(user=user, role=role, place=places[where], valid_from=SINCE)
    return Land(places, posts)


@contextmanager
def acting_for(post):
    """Inside the transaction of somebody's post; yields {by, post} for a verb."""
    from songhe.registry.accounts.access import acting_as

    with acting_as(post):
        yield {"by": post.user, "post": post}


@pytest.fixture
def sign(land):
    """sign("clerk", "安县") -> a context manager that yields {by, post}."""
    return lambda role, place: acting_for(land.post(role, place))


@pytest.fixture
def new(land):
    """new("王秀英", "东关村", seq=2, …) -> a registered person, as the system."""
    from songhe.core.acting import everywhere
    from songhe.registry.people import actions

    count = iter(range(1, 999))

    def make(name="王秀英", village="东关村", *, birth="19400101", seq=None, **values):
        values.setdefault("id_number", number(birth=birth, seq=seq or next(count)))
        with everywhere():
            return actions.register(by=None, post=None, village=land[village], name=name, **values)

    return make


@pytest.fixture
def roster(tmp_path):
    """roster([{…}, …], titles=…) -> the path of a CSV file."""

    def write(rows, *, name="名册.csv", encoding="utf-8", title_rows=()):
        path = Path(tmp_path) / name
        header = list(dict.fromkeys(key for row in rows for key in row))
        lines = [*title_rows, ",".join(header), *(",".join(str(row.get(key, "")) for key in header) for row in rows)]
        path.write_text("\n".join(lines) + "\n", encoding=encoding)
        return path

    return write


def row(i: int, **more) -> dict:
    """One clean roster line; `i` makes the number."""
    base = {
        "姓名": "赵玉兰",
        "身份证号码": number(seq=i),
        "村（社区）": "东关村",
        "联系电话": "13800001234",
        "居住地址": "三组12号",
    }
    return base | more


@pytest.fixture
def sample():
    return SimpleNamespace(row=row, number=number)


@contextmanager
def refused(code: str):
    """The block is refused with this code, in Chinese and English."""
    from songhe.core.refusal import Refusal

    with pytest.raises(Refusal) as refusal:
        yield refusal
    assert refusal.value.code == code
    assert refusal.value.zh
    assert refusal.value.en
