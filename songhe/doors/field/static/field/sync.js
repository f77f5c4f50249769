// Sending by itself: on reconnection, on return to the page, after each record, and by a patient clock.
import * as queue from "./queue.js";
import * as seal from "./seal.js";
import * as store from "./store.js";
import { ask, skewOf } from "./wire.js";

const LIST_EVERY = 10 * 60000;
export const state = { how: "ok", online: navigator.onLine, busy: false, body: null, sealed: 0 };
let told = () => {}, timer = 0, failures = 0, again = false;

export function begin(tell) {
  told = tell;
  addEventListener("online", () => { state.online = true; failures = 0; told(); send(); });
  addEventListener("offline", () => { state.online = false; told(); });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) send(); });
}

export async function send({ list = false } = {}) { // one sender at a time, in all tabs of the page
  if (state.busy) { again = true; return; }
  state.busy = true;
  const work = () => once(list).catch((error) => { state.how = error && error.name === "QuotaExceededError" ? "full" : "broken"; });
  try {
    if (navigator.locks) await navigator.locks.request("songhe-field-send", { ifAvailable: true }, (lock) => (lock ? work() : null));
    else await work();
  } finally { state.busy = false; }
  clearTimeout(timer);
  const holder = await store.holder();
  const left = holder ? queue.waiting(await store.records(), holder.user).length : 0;
  failures = state.how === "ok" ? 0 : failures + 1;
  const soon = state.how === "ok" && left ? 5000 : queue.wait(failures + 1);
  if (holder || state.how === "offline") timer = setTimeout(() => send(), left || state.how !== "ok" ? soon : LIST_EVERY);
  told();
  if (again) { again = false; await send(); }
}

async function once(wantList) {
  if (await store.noted("out")) { await tellOut(); return; }
  const who = await ask("/field/token/");
  if (!settle(who)) return;
  let holder = await store.holder();
  if (!holder || holder.user !== who.body.user) { // somebody else signed in: their list, their key; other people's records stay sealed
    await store.forget();
    holder = await takeList();
    if (!holder) return;
    wantList = false;
  }
  const skew = skewOf(who);
  holder = await store.changeHolder({ skew, seen: Date.now() });
  const sentAny = await empty(holder, who.body.token);
  if (state.how !== "ok") return;
  await store.changeHolder({ synced: Date.now() });
  if (sentAny || wantList || Date.now() - holder.listed > LIST_EVERY) await takeList();
}

function settle(answer) {
  state.how = answer.how;
  state.body = answer.body || null;
  state.online = answer.how !== "offline";
  told();
  return answer.how === "ok";
}

export async function takeList() {
  const till = await store.noted("till");
  const got = await ask(till ? `/field/list/?till=${encodeURIComponent(till)}` : "/field/list/");
  if (!settle(got)) return null;
  const { key: raw, user, terms, ...list } = got.body, now = Date.now();
  const key = await seal.keyFrom(raw);
  const holder = {
    user: user.id, name: user.name, key, terms, list: await seal.seal(key, list), day: list.day, listed: now,
    until: now + terms.keep_days * 86400000, skew: skewOf(got), seen: now, synced: now,
  };
  await store.keepHolder(holder);
  await tidy(holder);
  return holder;
}

export async function chooseTill(uid) { // needs the network once; afterwards the phone has the point's diners
  await store.note("till", uid);
  if (!state.busy) await takeList();
  told();
}

async function tidy(holder) {
  const stale = (record) => record.owner === holder.user && queue.stale(record, Date.now(), holder.terms.sent_days);
  const old = (await store.records()).filter(stale).map((record) => record.uuid);
  if (old.length) await store.changes(old, (now) => (stale(now) ? "drop" : null));
}

async function empty(holder, token) {
  let rows = holder.terms.parcel_rows, any = false, broken = 0;
  const tried = new Set();
  for (;;) {
    const ready = queue.due(await store.records(), holder.user, Date.now()).filter((r) => !tried.has(r.uuid)).slice(0, rows);
    if (!ready.length) break;
    const bodies = [];
    const fixed = await store.changes(ready.map((r) => r.uuid), queue.sending); // counted before it leaves: its words are fixed even if the phone dies now
    for (const [at, record] of ready.entries()) {
      try { bodies.push({ uuid: record.uuid, kind: record.kind, post: record.post, body: await seal.open(holder.key, fixed[at].cell) }); }
      catch { tried.add(record.uuid); } // sealed with a key we do not have: it stays
    }
    if (!bodies.length) continue;
    told();
    const got = await ask("/field/sync/", {
      method: "POST", headers: { "Content-Type": "application/json", "X-CSRFToken": token },
      body: JSON.stringify({ owner: holder.user, sent_at: new Date().toISOString(), rows: bodies }),
    });
    const sent = ready.filter((r) => bodies.some((b) => b.uuid === r.uuid));
    if (got.how === "ok" && Array.isArray(got.body.rows)) {
      settle(got);
      const heard = await hear(got.body.rows, sent);
      any = any || heard > 0;
      sent.forEach((r) => tried.add(r.uuid)); // without an answer of its own: next time
      rows = holder.terms.parcel_rows;
      if (!heard) { state.how = "broken"; return any; }
      continue;
    }
    settle(got.how === "ok" ? { how: "broken" } : got);
    if (!queue.splits(got.how)) return any;
    const { rows: fewer, next } = queue.afterFailure(got.how, (await store.records()).filter((r) => sent.some((s) => s.uuid === r.uuid)), Date.now());
    rows = fewer;
    if (next) {
      await store.change(next.uuid, (now) => (now.state === "saved" ? next : null));
      tried.add(next.uuid);
      if (got.how !== "trouble") state.how = "ok"; // the record went back to its owner; nothing is wrong with the server
      else if (++broken > 2) return any; // the server is down, not one record bad
    }
  }
  return any;
}

async function hear(answers, sent) {
  const said = new Map();
  for (const answer of answers) if (answer && !said.has(answer.uuid) && sent.some((record) => record.uuid === answer.uuid)) said.set(answer.uuid, answer);
  let heard = 0;
  await store.changes([...said.keys()], (now) => {
    const next = queue.answered(now, said.get(now.uuid), Date.now());
    heard += Boolean(next);
    return next;
  });
  told();
  return heard;
}

export async function signOut() { // wiped first, told to the server when there is one
  await store.note("out", true);
  await store.forget();
  await tellOut();
}

async function tellOut() {
  const who = await ask("/field/token/");
  if (who.how === "offline") { state.how = "offline"; state.online = false; return; }
  if (who.how === "ok") {
    const form = new URLSearchParams({ csrfmiddlewaretoken: who.body.token });
    const got = await ask("/account/logout/", { method: "POST", body: form });
    if (got.how === "offline") return;
  }
  if (who.how === "ok" || who.how === "login") await store.note("out", false);
  state.how = "login";
}
