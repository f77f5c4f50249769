// One contact: way, outcome, save. Needs, words and another time only for those who want them.
import { app, bodyOf, keep, person } from "./app.js";
import { toast } from "./bar.js";
import { enclosing } from "./enclose.js";
import { chips, field, h, picked, wrong } from "./dom.js";
import { trueTime } from "./queue.js";
import { w } from "./words.js";

const MODES = ["call", "video", "home_visit", "home_service"];
const OUTCOMES = ["well", "needs", "unwell", "no_answer", "refused", "hospital", "away", "deceased"];
const REACHED = ["well", "needs", "unwell"];
const NEEDS = ["top_up", "errand", "call_family", "comfort", "doctor", "meal", "bath", "cleaning", "repair", "safety", "other"];
const words = (kind, codes) => codes.map((code) => [code, w(`${kind}_${code}`)]);

export function visit(id, way = "", uuid = "") {
  const before = way === "again" ? app.records.find((r) => r.uuid === uuid) : null;
  const old = before ? bodyOf(before) : {};
  const one = person(Number(id)) || (before ? { id: old.person, name: old.name, post: before.post } : null);
  if (!one) return h("p", {}, w("gone_person"), " ", h("a", { href: "#" }, w("back")));
  const mode = chips(w("how"), "mode", words("mode", MODES), { chosen: [way === "call" ? "call" : old.mode] });
  const outcome = chips(w("result"), "outcome", words("outcome", OUTCOMES), { chosen: [old.outcome] });
  const needs = chips(w("needs_found"), "needs", words("need", NEEDS), { many: true, chosen: old.needs || [] });
  const note = h("textarea", { rows: 2, maxlength: 500, value: old.note || "" });
  const when = h("input", { type: "datetime-local", value: before ? local(Date.parse(old.occurred_at)) : "" });
  const added = before ? null : enclosing();
  if (added) mode.addEventListener("change", () => added.at(picked(mode)[0]));
  const reached = () => { needs.hidden = !REACHED.includes(picked(outcome)[0]); };
  outcome.addEventListener("change", reached);
  reached();
  const form = h("form", { class: "form", novalidate: true, onsubmit: (e) => { e.preventDefault(); save(); } },
    h("a", { class: "button quiet", href: before ? "#records" : "#" }, "‹ ", w("back")),
    h("h1", {}, one.name),
    mode, outcome, needs,
    field(w("note"), note, w("note_hint")),
    h("details", { open: Boolean(before) }, h("summary", {}, w("when")), field(w("when_day"), when)),
    added && added.box,
    before ? null : h("p", {}, h("a", { class: "button quiet", href: `#facts/${one.id}` }, w("facts_go"))),
    h("div", { class: "save" }, h("button", { class: "button main", type: "submit" }, w("save"))));
  let saving = false;

  async function save() {
    if (saving) return; // an impatient hand
    const [m, o] = [picked(mode)[0], picked(outcome)[0]];
    if (!m) { wrong(form, w("choose_mode"), mode); return; }
    if (!o) { wrong(form, w("choose_outcome"), outcome); return; }
    const now = Date.now(), { skew, terms } = app.holder;
    const typed = when.value ? new Date(when.value).getTime() : NaN;
    const at = when.value && !(before && when.value === local(Date.parse(old.occurred_at))) ? typed : before ? Date.parse(old.occurred_at) : trueTime(now, skew, terms.clock_minutes);
    if (Number.isNaN(at) || at > trueTime(now, skew, terms.clock_minutes) + 600000) { wrong(form, w("time_wrong"), when); return; }
    saving = true;
    const body = { person: one.id, name: one.name, mode: m, outcome: o, occurred_at: new Date(at).toISOString(), needs: REACHED.includes(o) ? picked(needs) : [], note: note.value.trim() };
    try {
      const uuid = await keep("visit", body, { post: one.post, instead: before ? before.uuid : "" });
      if (before) await follow(before.uuid, uuid);
      const more = added && added.what();
      let said = w("saved_toast");
      if (more) await keep("enclosure", { visit: uuid, person: one.id, name: one.name, ...more }, { post: one.post }).catch(() => { said = w("enclosed_not"); });
      toast(said);
      location.hash = before ? "#records" : "";
    } catch (error) { wrong(form, error.name === "QuotaExceededError" ? w("space_full") : w("not_kept", { why: error.message })); }
    finally { saving = false; }
  }
  return form;
}

async function follow(old, uuid) { // what was added to a visit goes with it when it is changed before it left, or mended
  for (const r of app.records.filter((r) => r.kind === "enclosure" && r.state !== "sent" && bodyOf(r) && bodyOf(r).visit === old))
    await keep("enclosure", { ...bodyOf(r), visit: uuid }, { post: r.post, instead: r.uuid });
}

export function local(ms) { // for datetime-local, in the phone's own zone
  const d = new Date(ms - new Date(ms).getTimezoneOffset() * 60000);
  return Number.isNaN(ms) ? "" : d.toISOString().slice(0, 16);
}
