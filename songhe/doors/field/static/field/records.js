// Everything this phone recorded for its holder, newest first, each with its state, reason and next step.
import { app, bodyOf, drop, nameOf } from "./app.js";
import { h } from "./dom.js";
import { KINDS } from "./kinds.js";
import * as queue from "./queue.js";
import { clock, said, w } from "./words.js";

const SIGN = { saved: "▲", sent: "●", returned: "■" };

export async function records() {
  const mine = [...app.records].reverse(), waits = mine.some((r) => r.state === "saved");
  const loose = waits && navigator.storage && navigator.storage.persisted && !(await navigator.storage.persisted());
  return h("div", { class: "home" },
    h("a", { class: "button quiet", href: "#" }, "‹ ", w("back")),
    h("h1", {}, w("records")),
    loose ? h("p", { class: "muted" }, w("not_persisted")) : null,
    mine.length ? h("ul", { class: "people" }, mine.map(row)) : h("p", { class: "muted" }, w("no_records")));
}

function row(record) {
  const body = bodyOf(record), name = nameOf(record) || w("gone_person"), kind = KINDS[record.kind];
  const state = record.state === "saved" && record.said ? w("held") : w(record.state);
  return h("li", { class: `person ${record.state}`, "data-record": record.uuid, "data-state": record.state },
    h("p", { class: `state ${record.state}` }, SIGN[record.state], " ", state),
    h("h2", {}, name),
    h("p", {}, body && kind ? kind.line(body) : "—"),
    h("p", { class: "muted" }, w("made_at", { t: clock(record.made_at) }), record.synced_at && record.state === "sent" ? ` · ${w("synced_at", { t: clock(record.synced_at) })}` : ""),
    record.clash ? h("p", { class: "notice note" }, w("sent_clash")) : null,
    record.said ? h("p", { class: "notice warn" }, record.said.code === "too_big" ? w("unreadable_big") : said(record.said) || w("broken")) : null,
    body && queue.mayChange(record) ? buttons(record, name, "change", "remove") : null,
    body && record.state === "returned" ? buttons(record, name, "mend", "give_up") : null,
    record.state === "saved" && record.tries > 0 && !record.said ? h("p", { class: "muted" }, w("locked_sending")) : null);
}

const buttons = (record, name, open, away) => h("div", { class: "two" },
  KINDS[record.kind].open ? h("a", { class: "button", href: KINDS[record.kind].open({ ...record, person: bodyOf(record).person }) }, w(open)) : null,
  h("button", { class: "button quiet", onclick: async () => {
    if (!confirm(w(`${away}_sure`, { name }))) return;
    await drop(record.uuid);
    dispatchEvent(new Event("songhe-redraw"));
  } }, w(away)));
