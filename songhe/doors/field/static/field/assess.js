// The national ability assessment, whole and offline: 26 items, two assessors, an informant, three signatures.
import { app, bodyOf, keep, person } from "./app.js";
import { toast } from "./bar.js";
import { chips, field, h, picked, wrong } from "./dom.js";
import { pad } from "./pad.js";
import * as seal from "./seal.js";
import * as store from "./store.js";
import { day, said, w } from "./words.js";
import { local } from "./visit.js";

const TIMES = [0, 1, 2, 3];
let scale = null;
const load = async () => (scale ||= await (await fetch("/field/scale.json")).json());

export async function assessments() {
  const begun = new Set((await store.drafts()).filter((d) => d.owner === app.holder.user).map((d) => d.id));
  return h("div", { class: "home" },
    h("a", { class: "button quiet", href: "#" }, "‹ ", w("back")), h("h1", {}, w("assess")),
    app.list.assess.length ? h("ul", { class: "people" }, app.list.assess.map((one) => h("li", { class: "person" },
      h("h2", {}, one.name, one.demo ? h("span", { class: "mark" }, w("demo")) : null),
      h("p", { class: "muted" }, [w("years", { n: one.age }), one.village, one.due ? w("assess_due", { d: day(Date.parse(one.due)) }) : w("assess_fresh")].join(" · ")),
      begun.has(`${app.holder.user}/${one.id}`) ? h("p", { class: "owed" }, w("assess_draft")) : null,
      h("a", { class: "button main", href: `#assess/${one.id}`, "aria-label": w("assess_who", { name: one.name }) }, w("assess_go"))))) : h("p", { class: "muted" }, w("assess_none")));
}

export async function assess(id, again = "", uuid = "") {
  await load();
  const before = again ? app.records.find((r) => r.uuid === uuid) : null;
  const one = person(Number(id)) || (before ? { id: bodyOf(before).person, name: bodyOf(before).name, post: before.post } : null);
  if (!one) return h("p", {}, w("gone_person"), " ", h("a", { href: "#" }, w("back")));
  const mark = `${app.holder.user}/${one.id}`, kept = before ? null : await store.draft(mark);
  const old = before ? bodyOf(before) : kept ? await seal.open(app.holder.key, kept.cell).catch(() => ({})) : {};
  const signs = { assessor_1: [], assessor_2: [], informant: [], ...old.signatures };
  const items = scale.domains.flatMap((d) => d.items);
  const text = (value = "") => h("input", { type: "text", maxlength: 40, value, autocomplete: "off" });
  const on = h("input", { type: "date", value: old.on || local(Date.now()).slice(0, 10) });
  const select = (options, value) => { const made = h("select", {}, options.map(([code, label]) => h("option", { value: code }, label))); made.value = value || options[0][0]; return made; };
  const reason = select(scale.reasons.map((r) => [r.id, said(r)]), old.reason);
  const relation = select(scale.relations.map(([code, zh, en]) => [code, said({ zh, en })]), old.relation);
  const agency = text(old.agency), first = text((old.assessors || [app.holder.name])[0]), second = text((old.assessors || [])[1]), informant = text(old.informant);
  const tick = (label, checked) => { const box = h("input", { type: "checkbox", checked }); return [box, h("label", { class: "chip" }, box, h("span", {}, label))]; };
  const [m1, m1row] = tick(w("medical"), (old.medical || [])[0]), [m2, m2row] = tick(w("medical"), (old.medical || [])[1]);
  const had = old.answers || {}, found = old.findings || {};
  const groups = Object.fromEntries(items.map((item) => [item.id, chips(said(item), item.id, item.answers.map((a) => [String(a.score), `${a.score} ${said(a)}`]), { chosen: [String(had[item.id])] })]));
  for (const item of items) if (item.note) groups[item.id].querySelector("legend").append(h("small", {}, ` ${item.note}`));
  const yesNo = Object.fromEntries(scale.findings.map((f) => [f.id, chips(said(f), f.id, [["yes", w("yes")], ["no", w("no")]], { chosen: [found[f.id] === true ? "yes" : found[f.id] === false ? "no" : ""] })]));
  const risks = Object.fromEntries(scale.risks.map((r) => [r.id, chips(said(r), r.id, TIMES.map((n) => [String(n), w(`times_${n}`)]), { chosen: [String((found.risk_events || {})[r.id])] })]));
  const count = h("p", { class: "count", role: "status" });
  const list = h("div", { class: "missing" });
  const form = h("form", { class: "form assess", novalidate: true, oninput: later, onsubmit: (e) => { e.preventDefault(); save(); } },
    h("a", { class: "button quiet", href: before ? "#records" : "#assessments" }, "‹ ", w("back")),
    h("h1", {}, `${w("assess")} · ${one.name}`), h("p", { class: "muted" }, said(scale)),
    field(w("day"), on), field(w("reason"), reason), field(w("agency"), agency),
    scale.domains.map((d) => h("section", {}, h("h2", {}, said(d)), d.items.map((item) => groups[item.id]))),
    h("section", {}, Object.values(yesNo), h("h2", {}, w("risks")), Object.values(risks)),
    h("section", {}, field(w("assessor_1"), first), m1row, pad(w("signature", { who: w("assessor_1") }), signs.assessor_1, later),
      field(w("assessor_2"), second), m2row, pad(w("signature", { who: w("assessor_2") }), signs.assessor_2, later),
      field(w("informant"), informant), field(w("relation"), relation), pad(w("signature", { who: w("informant") }), signs.informant, later)),
    count, list, h("div", { class: "save" }, h("button", { class: "button main", type: "submit" }, w("save"))));

  const number = (group) => (picked(group).length ? Number(picked(group)[0]) : null);
  const spoken = (group) => ({ yes: true, no: false })[picked(group)[0]] ?? null;
  const body = () => ({
    person: one.id, name: one.name, on: on.value, reason: reason.value, agency: agency.value.trim(),
    answers: Object.fromEntries(items.map((item) => [item.id, number(groups[item.id])])),
    findings: { ...Object.fromEntries(scale.findings.map((f) => [f.id, spoken(yesNo[f.id])])), risk_events: Object.fromEntries(scale.risks.map((r) => [r.id, number(risks[r.id])])) },
    assessors: [first.value.trim(), second.value.trim()], medical: [m1.checked, m2.checked], informant: informant.value.trim(), relation: relation.value, signatures: signs,
  });
  const answered = () => items.filter((item) => picked(groups[item.id]).length).length;
  const counted = () => { count.textContent = w("answered", { n: answered(), of: items.length }); };
  counted();

  let timer = 0;
  function later() { counted(); clearTimeout(timer); if (!before) timer = setTimeout(keepDraft, 400); }
  async function keepDraft() { if (app.holder && form.isConnected) await store.keepDraft({ id: mark, owner: app.holder.user, cell: await seal.seal(app.holder.key, body()) }); }

  function missing() {
    const open = Object.values({ ...groups, ...yesNo, ...risks }).filter((group) => !picked(group).length).map((group) => [group.querySelector("legend").firstChild.textContent, group]);
    for (const [input, key] of [[first, "assessor_1"], [second, "assessor_2"], [informant, "informant"]]) if (!input.value.trim()) open.push([w(key), input]);
    form.querySelectorAll("canvas").forEach((canvas, at) => { const key = ["assessor_1", "assessor_2", "informant"][at]; if (!signs[key].length) open.push([w("signature", { who: w(key) }), canvas]); });
    return open;
  }

  async function save() {
    const open = missing();
    list.replaceChildren(...(open.length ? [h("p", {}, w("missing", { n: open.length })), h("ul", {}, open.map(([label, target]) => h("li", {}, h("button", { type: "button", class: "link", onclick: () => { target.scrollIntoView({ block: "center" }); (target.querySelector?.("input") || target).focus(); } }, label))))] : []));
    if (open.length) { list.scrollIntoView({ block: "center" }); list.querySelector("button").focus(); return; }
    if (first.value.trim() === second.value.trim()) { wrong(form, w("two_assessors"), second); return; }
    try {
      await keep("assessment", body(), { post: one.post, instead: before ? before.uuid : "" });
      clearTimeout(timer);
      await store.dropDraft(mark);
      toast(w("assess_saved"));
      location.hash = "#records";
    } catch (error) { wrong(form, error.name === "QuotaExceededError" ? w("space_full") : w("not_kept", { why: error.message })); }
  }
  return form;
}
