"""Who holds the phone: another account, lost rights, a signed-out list, two hands on one fact, an assessor without a network."""

import re
from datetime import date, timedelta

from django.utils import timezone

from songhe.care.visits.actions.correct import opened
from songhe.care.visits.models import Correction, Doorstep
from songhe.core.acting import everywhere
from songhe.registry.accounts.models import Post
from songhe.registry.people.models import Assessment, Person
from tests.journeys.field_rows import rows, whole
from tests.journeys.field_site import Phone
from tests.world import OWN, SISTER

DATABASE = """async () => {
  const db = await new Promise((done) => { const asked = indexedDB.open("songhe-field"); asked.onsuccess = () => done(asked.result); });
  const read = (name) => new Promise((done) => { const asked = db.transaction(name).objectStore(name).getAll(); asked.onsuccess = () => done(asked.result); });
  const text = (value) => { const out = []; const walk = (v) => { if (v instanceof ArrayBuffer) out.push(new TextDecoder().decode(v)); else if (ArrayBuffer.isView(v)) out.push(""); else if (v instanceof CryptoKey) out.push(v.extractable ? "EXTRACTABLE" : "key"); else if (v && typeof v === "object") Object.values(v).forEach(walk); else out.push(String(v)); }; walk(value); return out.join(" "); };
  const all = { meta: await read("meta"), records: await read("records"), drafts: await read("drafts") };
  db.close();
  return Object.fromEntries(Object.entries(all).map(([name, value]) => [name, [value.length, text(value)]]));
}"""


def at_rest(phone) -> dict:
    """What stands on the phone's disk, as text: {store: [rows, everything readable in it]}."""
    return phone.page.evaluate(DATABASE)


def test_sealed_at_rest_and_wiped_at_sign_out_for_the_next_one(city, phone):
    with everywhere():
        second = Post.objects.create(
            user=city.users["stranger"], role="helper", place=city.places[OWN], valid_from=date(2020, 1, 1)
        )
    assert second.pk
    phone.open()
    page = phone.sign_in("helper")
    phone.go("off")
    phone.record("王秀英", "上门", "身体不适")
    kept = at_rest(phone)
    everything = " ".join(text for _count, text in kept.values())
    for clear in ("王秀英", "13000000000", "unwell", "EXTRACTABLE"):
        assert clear not in everything, f"{clear} stands readable on the disk"
    assert "key" in kept["meta"][1]
    page.on("dialog", lambda asked: asked.accept())
    page.get_by_role("button", name="退出并清除名单").click()  # still offline
    page.get_by_text("名单已按规定从本机清除").wait_for()
    left = at_rest(phone)
    assert "key" not in left["meta"][1].split()
    assert left["records"][0] == 1
    page.get_by_text("还有 演示helper 的 1 条未上传记录，已加锁").wait_for()
    phone.go("on")
    page.get_by_role("link", name="登录").wait_for()
    phone.sign_in("stranger")
    assert page.locator("li.person").count() == 0, "not the other one's list"
    page.get_by_text("还有 演示helper 的 1 条未上传记录，已加锁").wait_for()
    assert phone.waiting() == 0
    page.goto(phone.address + "/field/#records")
    page.get_by_text("本机还没有记录").wait_for()
    assert rows() == []
    page.get_by_role("button", name="退出并清除名单").click()
    page.get_by_role("link", name="登录").wait_for()
    phone.sign_in("helper")
    phone.expect_waiting(0)
    whole(1)
    (row,) = rows()
    assert (row.made_by, row.outcome) == (city.users["helper"].pk, "unwell")


def test_after_n_days_the_list_is_gone_and_the_work_is_not(city, phone):
    phone.open()
    page = phone.sign_in("helper")
    phone.go("off")
    phone.record("王秀英")
    page.add_init_script("{ const now = Date.now.bind(Date); Date.now = () => now() + 4 * 86400000; }")
    page.reload()
    page.get_by_text("名单已按规定从本机清除").wait_for()
    assert "王秀英" not in page.text_content("body")
    page.get_by_text("还有 演示helper 的 1 条未上传记录").wait_for()
    assert at_rest(phone)["records"][0] == 1


def test_lost_rights_keep_the_work_and_say_whom_to_ask(city, phone):
    phone.open()
    page = phone.sign_in("helper")
    phone.go("off")
    phone.record("王秀英")
    helper = city.users["helper"].pk
    with everywhere():
        Post.objects.filter(user=helper).update(valid_to=timezone.localdate())
    phone.go("on")
    page.get_by_text("您现在没有有效的岗位，记录先留在本机。请联系乡镇民政。").wait_for()
    assert phone.waiting() == 1
    with everywhere():
        Post.objects.filter(user=helper).update(valid_to=None)
    page.get_by_role("button", name="现在上传").click()
    phone.expect_waiting(0)
    whole(1)


def test_a_person_who_moved_away_comes_back_with_reason_and_next_step(city, phone):
    phone.open()
    page = phone.sign_in("helper")
    phone.go("off")
    phone.record("王秀英")
    with everywhere():
        moved = next(p for p in city.people[OWN] if p.name == "王秀英")
        Person.objects.filter(pk=moved.pk).update(**city.places[SISTER].areas())
    phone.go("on")
    page.get_by_text("已退回 1 条").click()
    page.get_by_text("您的辖区内没有这位老人的档案（可能已迁出）。请核对，或报乡镇处理。").wait_for()
    assert page.locator("[data-state=returned] h2").text_content() == "王秀英"
    with everywhere():
        Person.objects.filter(pk=moved.pk).update(**city.places[OWN].areas())
    page.get_by_role("link", name="改好再传").click()
    page.get_by_role("button", name="保存").click()
    page.locator("[data-state=sent]").wait_for()
    whole(1)


def test_the_clock_is_watched_and_set_right(city, phone):
    phone.open(ready="no")
    phone.page.add_init_script(
        "{ const Old = Date, ahead = 50 * 3600000; const now = Old.now.bind(Old);"
        " Date = class extends Old { constructor(...w) { if (w.length) super(...w); else super(now() + ahead); } static now() { return now() + ahead; } }; }"
    )
    page = phone.sign_in("helper")
    page.get_by_text("手机时间比服务器快 2 天").wait_for()
    phone.record("王秀英")
    phone.expect_waiting(0)
    (row,) = rows()
    assert abs(row.occurred_at - timezone.now()) < timedelta(minutes=2)
    assert row.client_at - row.occurred_at > timedelta(hours=49), "what the phone's own clock said is kept beside"
    assert row.occurred_on == timezone.localtime(row.occurred_at).date()


def test_two_phones_on_one_fact_and_the_desk_decides(city, phone, playwright, tmp_path, line, visitor):
    phone.open()
    first = phone.sign_in("helper")
    phone.go("off")
    _correct(first, "王秀英", "13911112222", "东头红门")
    phone.close()
    other = Phone(playwright, tmp_path / "other", line.address)
    try:
        other.open()
        page = other.sign_in("helper")
        _correct(page, "王秀英", "13833334444", None)
        other.expect_waiting(0)
    finally:
        other.close()
    phone.open(offline="yes")
    assert phone.waiting() == 2
    phone.go("on")
    if (
        phone.page.locator(".notice[data-key=login], .queue[data-waiting='0']").first.wait_for() is None
        and phone.page.locator(".notice[data-key=login]").count()
    ):
        phone.sign_in("helper")
    phone.expect_waiting(0)
    phone.page.goto(phone.address + "/field/#records")
    phone.page.get_by_text("两种写法都已交乡镇核定").wait_for()
    with everywhere():
        (clash,) = Correction.objects.filter(state="clash")
        assert (opened(clash.value_sealed), opened(clash.found_sealed), opened(clash.based_on_sealed)) == (
            "13911112222",
            "13833334444",
            "13000000000",
        )
        assert opened(Correction.objects.get(fact="door_note").value_sealed) == "东头红门"
    phone.close()
    desk = visitor("town")
    desk.goto(city.url("/duties/corrections/"))
    text = desk.inner_text("main")
    assert "13911112222" in text
    assert "13833334444" in text
    desk.get_by_role("button", name=re.compile("采用上报的")).click()
    desk.get_by_text("已核定：王秀英，联系电话。").wait_for()
    desk.get_by_text("没有待核定的更正").wait_for()


def _correct(page, name, number, door):
    page.get_by_role("link", name=f"登记 {name}").click()
    page.get_by_role("link", name="电话、门牌说明、接听时间有变？").click()
    page.get_by_label("联系电话").fill(number)
    if door:
        page.get_by_label("门牌说明").fill(door)
    page.get_by_role("button", name="保存").click()
    page.get_by_text("已存本机。联网后自动上传。").wait_for()
    page.get_by_role("link", name="返回").click()


def test_an_assessment_whole_without_a_network(city, phone, axe):
    from tests import world

    with everywhere():
        post = world.post("assessor", city.places["990101001"], username="assessor")
        post.user.set_password("Songhe-journey-2026")
        post.user.save(update_fields=["password"])
    phone.open()
    page = phone.page
    page.goto(phone.address + "/account/login/?next=/field/")
    page.fill("[name=login]", "assessor")
    page.fill("[name=password]", "Songhe-journey-2026")
    page.press("[name=password]", "Enter")
    page.locator("html[data-kept=yes]").wait_for()
    page.get_by_role("link", name="能力评估").first.wait_for()
    phone.go("off")
    page.reload()
    page.get_by_role("link", name="能力评估").first.click()
    page.get_by_role("link", name="评估 王秀英").first.click()
    page.get_by_text("已答 0/26").wait_for()
    page.get_by_role("button", name="保存").click()
    page.get_by_text("处没有填").wait_for()
    assert axe(page) == []
    for group in page.locator("fieldset.chips").all():
        group.locator("input").first.check()
    page.get_by_text("已答 26/26").wait_for()
    page.get_by_label("评估员一", exact=True).fill("甲评估")
    page.get_by_label("评估员二", exact=True).fill("乙评估")
    page.get_by_label("信息提供者", exact=True).fill("丙家属")
    for pad in page.locator("canvas").all():
        pad.scroll_into_view_if_needed()
        box = pad.bounding_box()
        page.mouse.move(box["x"] + 40, box["y"] + 60)
        page.mouse.down()
        page.mouse.move(box["x"] + 120, box["y"] + 20, steps=4)
        page.mouse.move(box["x"] + 200, box["y"] + 80, steps=4)
        page.mouse.up()
    page.wait_for_timeout(800)  # the draft is kept while one writes
    page.reload()  # the phone was put away in the middle
    page.get_by_text("已答 26/26").wait_for()
    page.get_by_role("button", name="保存").click()
    page.get_by_role("heading", name="我的记录").wait_for()
    assert phone.waiting() == 1
    phone.go("on")
    phone.expect_waiting(0)
    with everywhere():
        (made,) = Assessment.objects.all()
        assert made.assessors == ["甲评估", "乙评估"]
        assert Doorstep.objects.get().assessment_id == made.pk
        assert made.level is not None
