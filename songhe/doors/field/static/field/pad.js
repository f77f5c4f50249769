// A signature drawn with a finger: strokes as whole numbers 0–1000 across and down.
import { h } from "./dom.js";
import { w } from "./words.js";

export function pad(label, strokes = [], changed = () => {}) {
  const canvas = h("canvas", { width: 600, height: 240, class: "pad", role: "img", tabindex: 0, "aria-label": `${label} ${w("sign_here")}` });
  const draw = () => {
    const c = canvas.getContext("2d");
    c.clearRect(0, 0, 600, 240);
    Object.assign(c, { lineWidth: 4, lineCap: "round", lineJoin: "round", strokeStyle: "#072620" });
    for (const s of strokes) { c.beginPath(); for (let i = 0; i < s.length; i += 2) c.lineTo(s[i] * 0.6, s[i + 1] * 0.24); c.stroke(); }
  };
  const at = (e) => { const box = canvas.getBoundingClientRect(); return [(e.clientX - box.left) / box.width, (e.clientY - box.top) / box.height].map((x) => Math.max(0, Math.min(1000, Math.round(1000 * x)))); };
  let stroke = null;
  canvas.addEventListener("pointerdown", (e) => { e.preventDefault(); canvas.setPointerCapture(e.pointerId); stroke = [...at(e)]; strokes.push(stroke); draw(); });
  canvas.addEventListener("pointermove", (e) => { if (!stroke || stroke.length > 1500) return; const p = at(e); if (Math.hypot(p[0] - stroke.at(-2), p[1] - stroke.at(-1)) > 4) { stroke.push(...p); draw(); } });
  const end = () => { if (stroke) { if (stroke.length < 4) stroke.push(...stroke.slice(0, 2)); stroke = null; changed(); } };
  canvas.addEventListener("pointerup", end);
  canvas.addEventListener("pointercancel", end);
  draw();
  return h("div", { class: "field signature" }, h("p", {}, label), h("small", {}, w("sign_here")), canvas,
    h("button", { type: "button", class: "button quiet", onclick: () => { strokes.length = 0; draw(); changed(); } }, w("clear")));
}
