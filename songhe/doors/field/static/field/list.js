// Today's list: who, what is still owed, one tap to call, one to record.
import { app, fact, left } from "./app.js";
import { h } from "./dom.js";
import { orders } from "./orders.js";
import { state } from "./sync.js";
import { clock, day, w } from "./words.js";

let sought = "";

export function list() {
  if (!app.holder) return stranger();
  const people = app.list.people;
  const rows = people.map((one) => ({ one, left: left(one) }));
  const open = rows.filter(({ one, left: l }) => one.ladder || (l.owed && l.calls + l.visits > 0)).sort(byNeed);
  const done = rows.filter((row) => !open.includes(row));
  const found = (set) => (sought ? set.filter(({ one }) => one.name.includes(sought)) : set);
  const points = app.list.points || [], only = !people.length && ((app.list.orders || []).length || points.length);
  const old = Date.now() > Date.parse(`${app.list.week.end}T23:59:59+08:00`);
  return h("div", { class: "home" },
    h("h1", {}, people.length || !(only || app.list.carer) ? w("title") : app.list.carer || (app.list.orders || []).length ? w("orders") : w("till")),
    points.length ? h("a", { class: "button", href: "#till" }, w("till_go")) : null,
    orders(),
    people.some((one) => one.demo) ? h("p", { class: "demo" }, w("demo_note")) : null,
    only || app.list.carer ? null : h("p", { class: "muted" }, old ? w("list_old", { d: day(app.holder.listed) }) : `${w("list_of", { d: day(app.holder.listed) })} · ${w("left_n", { n: open.length })}`),
    people.length > 12 ? h("input", { id: "find", type: "search", class: "find", placeholder: w("find"), "aria-label": w("find"), value: sought, oninput: (e) => { sought = e.target.value.trim(); dispatchEvent(new Event("songhe-redraw")); } }) : null,
    people.length || only ? null : h("p", { class: "notice note" }, app.list.assess.length ? h("a", { class: "button", href: "#assessments" }, w("assess")) : w(app.list.carer ? "no_orders" : "nobody")),
    h("ul", { class: "people" }, found(open).map(row)),
    sought && !found(rows).length ? h("p", { class: "muted" }, w("none_found")) : null,
    done.length ? h("details", { class: "done", open: Boolean(sought) }, h("summary", {}, w("done_n", { n: done.length })), h("ul", { class: "people" }, found(done).map(row))) : null);
}

const today = () => new Date(Date.now() + 28800000).toISOString().slice(0, 10); // Beijing's day
const stop = (one) => (one.route || []).find(([on]) => on === today());
const byNeed = (a, b) => Number(Boolean(b.one.ladder)) - Number(Boolean(a.one.ladder))
  || (stop(a.one) || [0, "", 999])[2] - (stop(b.one) || [0, "", 999])[2] || (a.one.rank ?? 9) - (b.one.rank ?? 9);

function way(one) { // the township's plan: today's place in the round, then the days to come
  const now = stop(one), later = (one.route || []).filter(([on]) => on > today());
  return [now ? w("stop", { n: now[2], way: w(`plan_${now[1]}`) }) : "",
    later.length ? w("later", { days: later.map(([on, kind]) => `${day(Date.parse(`${on}T12:00:00+08:00`))} ${w(`plan_${kind}`)}`).join(" · ") }) : ""].filter(Boolean).join("；");
}

function row({ one, left: l }) {
  const phone = fact(one, "phone"), door = fact(one, "door_note"), time = fact(one, "call_time");
  return h("li", { class: "person", "data-person": one.id },
    h("h2", {}, one.name, one.demo ? h("span", { class: "mark" }, w("demo")) : null),
    h("p", { class: "muted" }, [w("years", { n: one.age }), one.village].join(" · ")),
    one.ladder ? h("p", { class: "urgent" }, "■ ", w("urgent", { t: clock(Date.parse(one.ladder.due)), step: w(`step_${one.ladder.step}`) })) : null,
    h("p", { class: "owed" }, owed(one, l)),
    way(one) ? h("p", { class: "muted" }, way(one)) : null,
    door || time ? h("p", { class: "muted" }, [door, time].filter(Boolean).join(" · ")) : null,
    h("div", { class: "two" },
      phone ? h("a", { class: "button call", href: `tel:${phone}`, "aria-label": w("call_who", { name: one.name }), onclick: () => setTimeout(() => { location.hash = `#visit/${one.id}/call`; }, 300) }, w("call"))
        : h("span", { class: "nothing" }, w("no_phone")),
      h("a", { class: "button main", href: `#visit/${one.id}`, "aria-label": w("record_who", { name: one.name }) }, w("record"))));
}

function owed(one, l) {
  if (one.excused) return w("excused", { why: one.excused });
  if (!one.calls) return w("no_duty");
  if (!l.calls && !l.visits) return `✓ ${w("all_done")}`;
  return [w("to_do"), l.calls ? w("call_n", { n: l.calls }) : "", l.visits ? w("visit_n", { n: l.visits }) : ""].filter(Boolean).join(" · ").replace(" · ", " ");
}

function stranger() {
  return h("div", { class: "home" }, h("h1", {}, w("app_name")),
    h("p", {}, app.wiped || state.how === "offline" ? w("sign_in_offline") : state.busy && state.how === "ok" ? w("loading") : w("sign_in_first")),
    state.how === "login" ? h("a", { class: "button main", href: "/account/login/?next=/field/" }, w("login_go")) : null);
}
