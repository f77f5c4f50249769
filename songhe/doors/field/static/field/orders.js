// A care worker's own orders on the list: when, where, what, and the one next step.
import { app, bodyOf } from "./app.js";
import { h } from "./dom.js";
import { clock, lang, w } from "./words.js";

export const order = (id) => ((app.list && app.list.orders) || []).find((one) => one.id === Number(id));
export const itemOf = (one) => (lang() === "en" ? one.item_en : one.item);

export function stamped(one) { // what the server has, and what this phone keeps
  const own = app.records.filter((r) => r.kind === "delivery" && r.state !== "returned" && bodyOf(r) && bodyOf(r).order === one.id).map((r) => bodyOf(r).step);
  return new Set([...one.stamps, ...own]);
}
export const next = (one) => { const done = stamped(one); return done.has("finish") ? "" : done.has("start") ? "finish" : "start"; };

export function orders() {
  const all = (app.list && app.list.orders) || [];
  if (!all.length) return null;
  const open = all.filter(next), rest = all.filter((one) => !next(one));
  return h("section", { "aria-label": w("orders") },
    app.list.people.length ? h("h2", {}, w("orders")) : null,
    all.some((one) => one.demo) ? h("p", { class: "demo" }, w("demo_note")) : null,
    h("ul", { class: "people" }, [...open, ...rest].map(row)));
}

const today = () => new Date(Date.now() + 28800000).toISOString().slice(0, 10); // Beijing's day
export const near = (one) => Boolean(next(one)) && one.on >= today(); // an old list shows no way to a door any more

function way(one) { // where to, one tap to call, who comes along
  if (!near(one)) return null;
  return [one.address ? h("p", { class: "address" }, one.address) : null,
    one.beside && one.beside.length ? h("p", { class: "muted" }, w("order_beside", { names: one.beside.join("、") })) : null];
}

function row(one) {
  const step = next(one), phone = near(one) && one.phone;
  return h("li", { class: "person", "data-order": one.id },
    h("h2", {}, `${one.name} · ${itemOf(one)}`, one.demo ? h("span", { class: "mark" }, w("demo")) : null),
    h("p", { class: "muted" }, [one.village, w("order_window", { a: clock(Date.parse(one.from)), b: clock(Date.parse(one.to)) }), w("order_minutes", { n: one.minutes })].join(" · ")),
    way(one),
    one.note ? h("p", {}, one.note) : null,
    step ? h("div", { class: phone ? "two" : "" },
      phone ? h("a", { class: "button call", href: `tel:${phone}`, "aria-label": w("call_who", { name: one.name }) }, w("call")) : null,
      h("a", { class: "button main", href: `#order/${one.id}`, "aria-label": w(`order_${step}_who`, { name: one.name }) }, w(`order_${step}`)))
      : h("p", { class: "owed" }, "✓ ", w("order_done")));
}
