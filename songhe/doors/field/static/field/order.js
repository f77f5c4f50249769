// One step of one order: begin, or end with what the contract asks for. The position is tried once and never waited for long.
import { app, bodyOf, keep, number } from "./app.js";
import { toast } from "./bar.js";
import { field, h, wrong } from "./dom.js";
import { itemOf, near, next, order as find } from "./orders.js";
import { pad } from "./pad.js";
import { trueTime } from "./queue.js";
import { local } from "./visit.js";
import { w } from "./words.js";

const SIDE = 1280, PATIENCE = 8000, LAST = 1500;

export function order(id, again = "", uuid = "") {
  const before = again ? app.records.find((r) => r.uuid === uuid) : null;
  const old = before ? bodyOf(before) : null;
  const one = find(id) || (old ? { id: old.order, name: old.name, item: old.item, item_en: old.item, proofs: old.proofs || [], post: before.post, minutes: 0, stamps: [] } : null);
  const step = old ? old.step : one && next(one);
  if (!one || !step) return h("p", {}, w(one ? "order_done" : "order_gone"), " ", h("a", { href: "#" }, w("back")));
  const asks = (name) => one.proofs.includes(name);
  const end = step === "finish", pictures = (asks("photo") && end) || asks("before_after");
  const strokes = old && old.signature ? structuredClone(old.signature) : [], photos = old ? [...(old.photos || [])] : [];
  const code = h("input", { inputmode: "numeric", maxlength: 6, autocomplete: "off", value: old ? old.code || "" : "" });
  const when = h("input", { type: "datetime-local", value: old ? local(Date.parse(old.occurred_at)) : "" });
  const kept = h("p", { class: "muted", role: "status" }, photos.length ? w("proof_kept", { n: photos.length }) : "");
  const camera = h("input", { type: "file", accept: "image/*", capture: "environment", onchange: async () => {
    try { photos.splice(0, photos.length, await small(camera.files[0])); kept.textContent = w("proof_kept", { n: photos.length }); }
    catch { kept.textContent = w("proof_unread"); }
  } });
  const place = h("p", { class: "muted", role: "status" }, old ? "" : w("place_asking"));
  let position = old ? old.position : null;
  const asked = old ? Promise.resolve() : where().then((found) => { position = found; place.textContent = found ? w("place_found", { m: Math.round(found.accuracy) }) : w("place_none"); });
  let warned = false, saving = false;
  const form = h("form", { class: "form", novalidate: true, onsubmit: (e) => { e.preventDefault(); save(); } },
    h("a", { class: "button quiet", href: old ? "#records" : "#" }, "‹ ", w("back")),
    h("h1", {}, `${w(`order_${step}`)} · ${one.name}`),
    h("p", {}, itemOf(one)), one.address && near(one) ? h("p", { class: "address" }, one.address) : null,
    one.beside && one.beside.length ? h("p", {}, w("order_beside", { names: one.beside.join("、") })) : null,
    h("p", { class: "muted" }, w("order_lead")), place,
    end && asks("signature") ? [pad(w("proof_signature"), strokes), field(w("proof_code"), code, w("proof_code_hint")), ...scanner(code)] : null,
    pictures ? [field(w("proof_photo"), camera), kept] : null,
    h("details", { open: Boolean(old) }, h("summary", {}, w("order_not_when")), field(w("when_day"), when)),
    h("div", { class: "save" }, h("button", { class: "button main", type: "submit" }, w(`order_${step}`))));

  function lacking() {
    const out = [];
    if (end && asks("signature") && !strokes.length && !code.value.trim()) out.push(w("proof_signature"));
    if (pictures && !photos.length) out.push(w("proof_photo"));
    return out;
  }

  async function save() {
    if (saving) return; // an impatient hand
    const { skew, terms } = app.holder, now = trueTime(Date.now(), skew, terms.clock_minutes);
    const typed = when.value ? new Date(when.value).getTime() : NaN;
    const at = when.value ? typed : old ? Date.parse(old.occurred_at) : now;
    if (Number.isNaN(at) || at > now + 600000) { wrong(form, w("time_wrong"), when); return; }
    if (code.value.trim() && !/^\d{6}$/.test(code.value.trim())) { wrong(form, w("proof_code_wrong"), code); return; }
    const open = lacking();
    if (open.length && !warned) { warned = true; wrong(form, w("proof_missing", { what: open.join(" · ") })); return; }
    saving = true;
    await Promise.race([asked, new Promise((go) => setTimeout(go, LAST))]);
    const body = { order: one.id, name: one.name, item: itemOf(one), proofs: one.proofs, step, occurred_at: new Date(at).toISOString(), position, device: device(), signature: strokes, code: code.value.trim(), photos };
    try {
      await keep("delivery", body, { post: one.post, instead: old ? before.uuid : "" });
      toast(w("saved_toast"));
      location.hash = old ? "#records" : "";
    } catch (error) { wrong(form, error.name === "QuotaExceededError" ? w("space_full") : w("not_kept", { why: error.message })); }
    finally { saving = false; }
  }
  return form;
}

function scanner(code) { // the square on the person's card, read from a photograph, where the phone's browser can; nothing is sent or kept
  if (!("BarcodeDetector" in globalThis)) return [];
  const told = h("p", { class: "muted", role: "status" });
  const camera = h("input", { type: "file", accept: "image/*", capture: "environment", onchange: async () => {
    const found = await read(camera.files[0]).catch(() => "");
    code.value = found || code.value;
    told.textContent = w(found ? "proof_code_read" : "proof_code_unread");
  } });
  return [field(w("proof_code_scan"), camera), told];
}

async function read(file) {
  const found = await new BarcodeDetector({ formats: ["qr_code"] }).detect(await createImageBitmap(file));
  return found.map((each) => /^SH(\d{6})$/.exec(each.rawValue)).filter(Boolean).map((fit) => fit[1])[0] || "";
}

function where() { // one try; null when the phone has none, refuses, or takes too long
  if (!navigator.geolocation) return Promise.resolve(null);
  return new Promise((done) => navigator.geolocation.getCurrentPosition(
    ({ coords }) => done({ longitude: coords.longitude, latitude: coords.latitude, accuracy: coords.accuracy }),
    () => done(null), { enableHighAccuracy: true, timeout: PATIENCE, maximumAge: 60000 }));
}

function device() { // a number of this phone's own, told with orders only
  let known = localStorage.getItem("field-device");
  if (!known) { known = number(); localStorage.setItem("field-device", known); }
  return known;
}

async function small(file) { // a JPEG of at most 1280 pixels, without what the camera wrote into it; base64
  const picture = await createImageBitmap(file), scale = Math.min(1, SIDE / Math.max(picture.width, picture.height));
  const canvas = h("canvas", { width: Math.round(picture.width * scale), height: Math.round(picture.height * scale) });
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL("image/jpeg", 0.75).split(",")[1];
}
