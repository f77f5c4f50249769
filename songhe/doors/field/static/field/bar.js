// The bar that always tells the truth, what else the reader must know, and the foot.
import { app } from "./app.js";
import { h, put } from "./dom.js";
import * as queue from "./queue.js";
import * as store from "./store.js";
import { send, signOut, state } from "./sync.js";
import { clock, lang, said, span, turn, w } from "./words.js";

const SIZES = ["normal", "large", "xlarge"];

export function bar() {
  const mine = app.holder ? queue.waiting(app.records, app.holder.user).length : 0;
  const back = app.records.filter((r) => r.state === "returned").length;
  still(() => put("bar",
    h("p", { class: `net ${state.online ? "on" : "off"}` }, h("span", { "aria-hidden": "true" }, state.online ? "●" : "○"), " ", w(state.online ? "online" : "offline")),
    h("p", { class: "queue", "data-waiting": mine }, state.busy && mine ? w("sending") : w("waiting", { n: mine })),
    h("p", { class: "last" }, app.holder && app.holder.synced ? w("last_sync", { t: clock(app.holder.synced) }) : w("never_synced")),
    mine && state.online && !state.busy ? h("button", { class: "quiet", onclick: () => send() }, w("send_now")) : null,
    back ? h("a", { class: "back-n", href: "#records" }, w("returned_n", { n: back })) : null));
}

const notice = (tone, key, text, ...more) => h("div", { class: `notice ${tone}`, "data-key": key }, h("p", {}, text), ...more);
const loginLink = () => h("a", { class: "button", href: "/account/login/?next=/field/" }, w("login_go"));

export function notices() {
  const out = [];
  if (app.toast) out.push(notice("good toast", "toast", app.toast));
  if (app.holder) {
    if (state.how === "login") out.push(notice("warn", "login", w("login"), loginLink()));
    if (state.how === "denied") out.push(notice("warn", "denied", w("denied", { why: said(state.body) })));
    if (state.how === "other") out.push(notice("warn", "other", w("other_user")));
    for (const key of ["trouble", "portal", "broken"]) if (state.how === key) out.push(notice("warn", key, w(key)));
    const { skew } = app.holder, limit = app.holder.terms.clock_minutes * 60000;
    if (Math.abs(skew) > limit) out.push(notice("warn", "clock", w(skew < 0 ? "clock_fast" : "clock_slow", { t: span(skew) })));
    else if (app.clockBack) out.push(notice("warn", "clock", w("clock_back")));
    if (app.unopened) out.push(notice("warn", "unopened", w("cannot_open", { n: app.unopened })));
  } else if (state.how === "portal" || state.how === "denied") out.push(notice("warn", state.how, state.how === "portal" ? w("portal") : said(state.body)));
  if (app.full) out.push(notice("warn", "space", w("space_low", { p: app.full })));
  for (const [name, n] of sealed()) out.push(notice("note", "sealed", w("sealed_others", { name, n })));
  if (app.updated) out.push(notice("note", "update", w("update")));
  const now = out.map((one) => one.outerHTML).join("");
  if (notices.last !== now) { notices.last = now; still(() => put("notices", out)); }
  room();
}

export function still(change) { // bar and notices come and go; under a finger that fills in a form nothing moves
  const main = document.getElementById("main"), filling = Boolean(main.querySelector("form, .seats"));
  document.documentElement.style.overflowAnchor = filling ? "none" : "";
  if (!filling) { settle(); change(); return; }
  const top = () => main.getBoundingClientRect().top, before = top();
  change();
  const kept = parseFloat(main.style.marginTop) || 0;
  main.style.marginTop = `${Math.max(0, kept - top() + before)}px`; // room that was given up stays free until the next screen
  scrollBy(0, top() - before);
}
export const settle = () => { document.getElementById("main").style.marginTop = ""; };

function sealed() {
  const count = new Map();
  for (const record of app.others) count.set(record.owner_name, (count.get(record.owner_name) || 0) + 1);
  return count;
}

async function room() { // asked now and then; a warning while there is still time
  if (!app.holder || room.at > Date.now() - 30000 || !navigator.storage || !navigator.storage.estimate) return;
  room.at = Date.now();
  const { usage, quota } = await navigator.storage.estimate();
  const full = quota ? Math.round((100 * usage) / quota) : 0;
  app.full = app.holder && full >= app.holder.terms.space_percent ? full : 0;
  if (app.full) notices();
}

export function toast(text) {
  app.toast = text;
  const head = document.getElementById("bar").getBoundingClientRect().bottom;
  document.documentElement.style.setProperty("--under", `${Math.max(0, head)}px`);
  setTimeout(() => { if (app.toast === text) { app.toast = ""; notices(); } }, 6000);
}

export function foot() {
  const size = document.documentElement.dataset.size;
  put("foot",
    h("nav", { "aria-label": w("menu") },
      h("a", { href: "#" }, w("title")),
      h("a", { href: "#records" }, w("records")),
      app.list && app.list.assess.length ? h("a", { href: "#assessments" }, w("assess")) : null,
      app.list && (app.list.points || []).length ? h("a", { href: "#till" }, w("till")) : null,
      h("button", { onclick: () => { const next = SIZES[(SIZES.indexOf(size) + 1) % 3]; localStorage.setItem("field-size", next); document.documentElement.dataset.size = next; foot(); } }, w("size")),
      h("button", { lang: lang() === "en" ? "zh" : "en", onclick: () => { turn(); notices.last = null; dispatchEvent(new Event("songhe-redraw")); } }, lang() === "en" ? "中文" : "English"),
      app.holder ? h("button", { onclick: leave }, w("log_out")) : null),
    h("p", {}, app.holder ? `${app.holder.name} · ` : "", w(app.list && (app.list.orders || []).length ? "no_place_but_orders" : "no_place_no_photo")));
}

async function leave() {
  const n = queue.waiting(await store.records(), app.holder.user).length;
  if (n && !confirm(w("log_out_sure", { n }))) return;
  await signOut();
  toast(w("logged_out"));
  location.hash = "";
  dispatchEvent(new Event("songhe-redraw"));
}
