// Kinds of record and how each is told in one line. A new kind is one line here and one in kinds.py.
import { bodyOf } from "./app.js";
import { w } from "./words.js";

export const KINDS = {
  visit: {
    line: (body) => [w(`mode_${body.mode}`), w(`outcome_${body.outcome}`), ...(body.needs || []).map((n) => w(`need_${n}`)), body.note].filter(Boolean).join(" · "),
    open: (record) => `#visit/${record.person}/again/${record.uuid}`,
  },
  correction: {
    line: (body) => `${w(`fact_${body.fact}`)}：${body.value || "—"}`,
    open: (record) => `#facts/${record.person}/again/${record.uuid}`,
  },
  enclosure: { // belongs to a visit: nothing to open
    line: (body) => [body.photo && w("enclosed_photo"), body.position && w("enclosed_position", { n: Math.round(body.position.accuracy) })].filter(Boolean).join(" · "),
    open: null,
  },
  assessment: {
    line: (body) => `${w("assess")} · ${body.on}`,
    open: (record) => `#assess/${record.person}/again/${record.uuid}`,
  },
  delivery: {
    line: (body) => [w(`order_${body.step}`), body.item, body.position ? "" : w("place_none")].filter(Boolean).join(" · "),
    open: (record) => `#order/${bodyOf(record).order}/again/${record.uuid}`,
  },
  meal: { // one tap: nothing to open, it is taken back or counted anew
    line: (body) => [w(`meal_${body.meal}`), body.point_name].filter(Boolean).join(" · "),
    open: null,
  },
};
