// Telephone, door, best time to call: each write carries the value that stood here before it.
import { app, bodyOf, fact, keep, person } from "./app.js";
import { toast } from "./bar.js";
import { field, h, wrong } from "./dom.js";
import { w } from "./words.js";

const FACTS = ["phone", "door_note", "call_time"];

export function facts(id, again = "", uuid = "") {
  const before = again ? app.records.find((r) => r.uuid === uuid) : null;
  const old = before ? bodyOf(before) : null;
  const one = person(Number(id)) || (old ? { id: old.person, name: old.name, post: before.post } : null);
  if (!one) return h("p", {}, w("gone_person"), " ", h("a", { href: "#" }, w("back")));
  const names = old ? [old.fact] : FACTS;
  const shown = Object.fromEntries(names.map((name) => [name, old ? old.based_on : fact(one, name)]));
  const inputs = Object.fromEntries(names.map((name) => [name, h("input", { type: name === "phone" ? "tel" : "text", maxlength: 120, value: old ? old.value : shown[name], autocomplete: "off" })]));
  const form = h("form", { class: "form", novalidate: true, onsubmit: (e) => { e.preventDefault(); save(); } },
    h("a", { class: "button quiet", href: old ? "#records" : `#visit/${one.id}` }, "‹ ", w("back")),
    h("h1", {}, `${w("facts_title")} · ${one.name}`),
    h("p", { class: "muted" }, w("facts_lead")),
    names.map((name) => field(w(`fact_${name}`), inputs[name])),
    h("div", { class: "save" }, h("button", { class: "button main", type: "submit" }, w("save"))));

  async function save() {
    const changed = names.filter((name) => inputs[name].value.trim() !== shown[name] || old);
    if (!changed.length) { wrong(form, w("facts_none"), inputs[names[0]]); return; }
    const digits = inputs.phone ? inputs.phone.value.replace(/\D/g, "") : "";
    if (changed.includes("phone") && digits && (digits.length < 7 || digits.length > 13)) { wrong(form, w("phone_wrong"), inputs.phone); return; }
    try {
      for (const name of changed) {
        const value = inputs[name].value.trim();
        await keep("correction", { person: one.id, name: one.name, fact: name, value, based_on: shown[name] }, { post: one.post, instead: old ? before.uuid : "" });
        shown[name] = value;
      }
      toast(w("saved_toast"));
      location.hash = old ? "#records" : `#visit/${one.id}`;
    } catch (error) { wrong(form, error.name === "QuotaExceededError" ? w("space_full") : w("not_kept", { why: error.message })); }
  }
  return form;
}
