// The till of a meal point: one tap a diner, or a card. Kept on this phone first; the server says later what was counted before.
import { app, bodyOf, keep } from "./app.js";
import { toast } from "./bar.js";
import { h } from "./dom.js";
import { trueTime } from "./queue.js";
import { chooseTill, state } from "./sync.js";
import { clock, day, said, w } from "./words.js";

const MEALS = ["breakfast", "lunch", "dinner"];
let typed = "", chosen = { meal: "", during: "" }, busy = false; // a choice holds until the next meal begins
const redraw = () => dispatchEvent(new Event("songhe-redraw"));
const today = () => new Date(trueTime(Date.now(), app.holder.skew, app.holder.terms.clock_minutes) + 28800000).toISOString(); // Beijing's clock

export function till(uid = "") {
  const mine = app.list.till, points = app.list.points || [];
  if (uid === "choose" || !mine || (uid && uid !== mine.uid)) return choose(points, uid);
  const now = mealAt(mine), meal = chosen.during === now ? chosen.meal : now, own = kept(mine, meal);
  const counted = mine.on === today().slice(0, 10) ? mine.counted.filter(([, m]) => m === meal) : []; // yesterday's list knows no meal of today
  const rows = mine.diners.filter((one) => !typed || one.name.includes(typed) || one.card === typed);
  return h("div", { class: "home till" },
    h("a", { class: "button quiet", href: "#" }, "‹ ", w("back")),
    h("h1", {}, `${w("till")} · ${mine.name}`),
    mine.demo ? h("p", { class: "demo" }, w("demo_note")) : null,
    mine.on === today().slice(0, 10) ? null : h("p", { class: "muted" }, w("till_day", { d: day(Date.parse(mine.on)) })),
    h("div", { class: "meals", role: "group", "aria-label": w("till_meals") }, MEALS.map((code) =>
      h("button", { type: "button", class: "button", "aria-pressed": String(code === meal), onclick: () => { chosen = { meal: code, during: now }; redraw(); } }, w(`meal_${code}`)))),
    h("p", { class: "owed", role: "status" }, w("till_sum", { n: new Set([...counted.map(([person]) => person), ...sent(own)]).size, m: own.filter((each) => each.record.state === "saved").length })),
    h("form", { class: "form", onsubmit: (e) => { e.preventDefault(); card(mine, meal); } },
      h("input", { id: "find", type: "search", class: "find", value: typed, autocomplete: "off", placeholder: w("till_find_short"), "aria-label": w("till_find"), oninput: (e) => { typed = e.target.value.trim(); redraw(); } }),
      typed ? h("button", { class: "button", type: "submit" }, w("till_card")) : null),
    problems(own),
    mine.diners.length ? null : h("p", { class: "muted" }, w("till_none")),
    h("ul", { class: "seats" }, rows.map((one) => seat(mine, meal, one, own, counted))),
    points.length > 1 ? h("p", {}, h("a", { class: "button quiet", href: "#till/choose" }, w("till_other"))) : null);
}

function mealAt(mine) {
  const hour = Number(today().slice(11, 13));
  return hour < mine.until.breakfast ? "breakfast" : hour < mine.until.lunch ? "lunch" : "dinner";
}

function kept(mine, meal) { // this phone's own taps of today for this meal, at this point
  return app.records.filter((r) => r.kind === "meal").map((record) => ({ record, body: bodyOf(record) }))
    .filter(({ body }) => body && body.point === mine.uid && body.meal === meal && body.day === today().slice(0, 10));
}
const sent = (own) => own.filter(({ record }) => record.state === "sent" && !record.said).map(({ body }) => body.person || body.card);

function problems(own) { // what the server said: counted elsewhere before, unknown card, too late
  const told = own.filter(({ record }) => record.said);
  return told.length ? h("ul", { class: "told" }, told.map(({ record, body }) =>
    h("li", { class: "notice warn", "data-told": record.said.code }, h("p", {}, `■ ${body.name}：${said(record.said) || w("broken")}`)))) : null;
}

function seat(mine, meal, one, own, counted) {
  const before = counted.find(([person]) => person === one.person), tap = own.find(({ body }) => body.person === one.person);
  const mark = tap ? (tap.record.state === "saved" ? "wait" : tap.record.said ? "refused" : "done") : before ? "done" : "";
  const note = tap ? (mark === "wait" ? `▲ ${w("till_waits")}` : mark === "refused" ? `■ ${w(tap.record.state === "returned" ? "returned" : "till_double")}` : `✓ ${w("till_sent")} ${clock(tap.record.made_at)}`)
    : before ? `✓ ${before[3] ? w("till_elsewhere", { point: before[3], t: before[2] }) : w("till_counted", { t: before[2] })}` : w(`way_${one.way}`);
  const twin = mine.diners.some((other) => other !== one && other.name === one.name);
  return h("li", {}, h("button", { type: "button", class: "seat", "data-person": one.person, "data-state": mark,
    onclick: () => (mark ? again() : take(mine, meal, { person: one.person, name: one.name, way: one.way })) },
  h("b", {}, twin ? `${one.name}（${one.village}）` : one.name), " ", h("span", {}, note)));
}

function again() { toast(w("till_again")); redraw(); }

async function take(mine, meal, who) {
  if (busy) return; // an impatient hand
  busy = true;
  const now = trueTime(Date.now(), app.holder.skew, app.holder.terms.clock_minutes);
  try {
    await keep("meal", { point: mine.uid, point_name: mine.name, meal, day: today().slice(0, 10), occurred_at: new Date(now).toISOString(), ...who }, { post: mine.post });
    typed = "";
  } catch (error) { toast(error.name === "QuotaExceededError" ? w("space_full") : w("not_kept", { why: error.message })); }
  finally { busy = false; }
  redraw();
}

function card(mine, meal) {
  if (!typed) { toast(w("till_card_none")); redraw(); return; }
  const known = mine.diners.find((one) => one.card === typed) || alone(mine);
  if (known && kept(mine, meal).some(({ body }) => body.person === known.person)) { again(); return; }
  take(mine, meal, known ? { person: known.person, name: known.name, way: known.way } : { card: typed, name: w("till_card_of", { card: typed }), way: "dine_in" });
}
const alone = (mine) => { const found = mine.diners.filter((one) => one.name === typed); return found.length === 1 ? found[0] : null; };

function choose(points, uid) {
  const go = async (wanted) => { await chooseTill(wanted); if (app.list) location.hash = "#till"; redraw(); };
  const asked = points.find((point) => point.uid === uid);
  return h("div", { class: "home" },
    h("a", { class: "button quiet", href: "#" }, "‹ ", w("back")), h("h1", {}, w("till")),
    h("p", {}, w(state.online ? "till_choose" : "till_offline")),
    h("ul", { class: "people" }, (asked ? [asked] : points).map((point) => h("li", {}, h("button", { type: "button", class: "button", onclick: () => go(point.uid) }, point.name)))));
}
