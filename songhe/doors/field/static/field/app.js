// What every screen shares: who holds the phone, the opened list, the opened records, keeping a new one.
import * as queue from "./queue.js";
import * as seal from "./seal.js";
import * as store from "./store.js";
import { send } from "./sync.js";

export const app = { holder: null, list: null, records: [], bodies: new Map(), others: [], unopened: 0, toast: "", wiped: false, clockBack: false };
let listBox = null;

export async function refresh() { // reads the store anew; what was opened before is not opened again
  let holder = await store.holder();
  const now = Date.now();
  if (holder && (now > holder.until || (app.list === null && now < holder.listed - holder.terms.keep_days * 86400000))) { // N days, or a clock turned far back
    await store.forget();
    [holder, app.wiped] = [undefined, true];
  }
  app.clockBack = Boolean(holder && now < holder.seen - holder.terms.clock_minutes * 60000);
  const all = await store.records();
  app.holder = holder || null;
  app.records = holder ? all.filter((record) => record.owner === holder.user) : [];
  app.others = all.filter((record) => record.state === "saved" && (!holder || record.owner !== holder.user));
  if (!holder) { [app.list, listBox] = [null, null]; app.bodies.clear(); return; }
  if (listBox !== holder.listed) { app.list = await seal.open(holder.key, holder.list); listBox = holder.listed; }
  app.unopened = 0;
  for (const record of app.records) {
    if (app.bodies.has(record.uuid)) continue;
    try { app.bodies.set(record.uuid, await seal.open(holder.key, record.cell)); }
    catch { app.unopened += 1; }
  }
}

export const bodyOf = (record) => app.bodies.get(record.uuid);
export const person = (id) => app.list && (app.list.people.find((p) => p.id === id) || app.list.assess.find((p) => p.id === id));
export const nameOf = (record) => (bodyOf(record) || {}).name || (person((bodyOf(record) || {}).person) || {}).name || "";

export async function keep(kind, body, { post, instead = "" }) { // rejects when the phone has no room: the page keeps what was typed
  const holder = await store.holder();
  if (!holder) throw new Error("signed out");
  const now = Date.now(), uuid = number();
  const record = queue.made({ uuid, kind, owner: holder.user, owner_name: holder.name, post, now });
  const full = { client_at: new Date(now).toISOString(), ...body };
  await store.add({ ...record, cell: await seal.seal(holder.key, full) }, instead);
  app.bodies.set(uuid, full);
  store.changeHolder({ seen: now });
  if (navigator.storage && navigator.storage.persist) navigator.storage.persist();
  await refresh();
  send();
  return uuid;
}

export async function drop(uuid) { // only what never left, or what came back
  const done = await store.change(uuid, (now) => (queue.mayDrop(now) ? "drop" : null));
  await refresh();
  return done === "drop";
}

export function number() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const b = crypto.getRandomValues(new Uint8Array(16));
  b[6] = (b[6] & 15) | 64; b[8] = (b[8] & 63) | 128;
  return [...b].map((x) => x.toString(16).padStart(2, "0")).join("").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

// What the list says, with what this phone did since: own unsent contacts count as done here, sent ones until the next list.
export function done(one) {
  const [calls, visits] = [one.calls ? one.calls[0] : 0, one.visits ? one.visits[0] : 0];
  const since = app.records.filter((r) => {
    const body = bodyOf(r);
    return body && r.kind === "visit" && body.person === one.id && ["well", "needs", "unwell"].includes(body.outcome) && inWeek(body)
      && (r.state === "saved" || (r.state === "sent" && r.synced_at > app.holder.listed));
  }).map((r) => bodyOf(r).mode);
  const [more, doors] = [since.filter((m) => m === "call" || m === "video").length, since.filter((m) => m === "home_visit").length];
  return { calls: calls + more, visits: visits + doors };
}
function inWeek(body) {
  const at = Date.parse(body.occurred_at), { start, end } = app.list.week;
  return at >= Date.parse(`${start}T00:00:00+08:00`) && at < Date.parse(`${end}T00:00:00+08:00`) + 86400000;
}
export function left(one) {
  if (!one.calls && !one.visits) return { calls: 0, visits: 0, owed: false };
  const now = done(one);
  return { calls: Math.max(0, one.calls[1] - now.calls), visits: Math.max(0, one.visits[1] - now.visits), owed: !one.excused };
}

// A fact as it stands for whoever writes next on this phone: the list's value, or one's own correction still on its way.
export function fact(one, name) {
  const own = app.records.filter((r) => r.kind === "correction" && r.state !== "returned" && !(r.clash) && bodyOf(r) && bodyOf(r).person === one.id && bodyOf(r).fact === name
    && (r.state === "saved" || r.synced_at > app.holder.listed));
  return own.length ? bodyOf(own[own.length - 1]).value : one[name] || "";
}
