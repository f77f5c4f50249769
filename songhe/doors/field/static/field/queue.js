// The contract of the queue, without page, clock or network (tests/doors/field/phone.py says the same in Python).
//
//   saved ──sending──▶ saved (tries > 0: its words are fixed now)
//     kept     ▶ sent          the server has it, perhaps with a remark that its owner should read
//     clash    ▶ sent, clash   the server has it beside another one; the township decides
//     returned ▶ returned      the server will never take it as it is: reason and next step
//     held     ▶ saved, why    not now (lost rights, older server)
//     anything else, or no answer for it ▶ saved: it is sent again under the same number
//
// A record goes away only: uploaded and older than the terms say · saved and never sent, by its owner · returned, by its owner.

export function made({ uuid, kind, owner, owner_name, post, now }) {
  return { uuid, kind, owner, owner_name, post, made_at: now, state: "saved", tries: 0, not_before: 0 };
}

export const mayChange = (record) => record.state === "saved" && record.tries === 0;
export const mayDrop = (record) => mayChange(record) || record.state === "returned";

export function due(records, owner, now) { // what to send, in the order it was made
  return records.filter((r) => r.owner === owner && r.state === "saved" && !r.why_unopened && r.not_before <= now);
}
export const waiting = (records, owner) => records.filter((r) => r.owner === owner && r.state === "saved");

export const sending = (record) => (record.state === "saved" ? { ...record, tries: record.tries + 1 } : null);

export function answered(record, answer, now) {
  if (record.state !== "saved") return null; // an answer that comes twice changes nothing
  const said = { code: answer.code, zh: answer.zh, en: answer.en };
  switch (answer.result) {
    case "kept": return { ...record, state: "sent", synced_at: now, said: answer.code ? said : null };
    case "clash": return { ...record, state: "sent", clash: true, synced_at: now, said: null };
    case "returned": return { ...record, state: "returned", synced_at: now, said };
    case "held": return { ...record, not_before: now + wait(record.tries), said };
    default: return null;
  }
}

export const wait = (tries) => Math.min(5000 * 2 ** Math.max(tries - 1, 0), 300000); // milliseconds until the next attempt

// After a parcel failed as a whole: how many to send next. A single one that breaks the server waits; the others go on.
export function afterFailure(how, sent, now) {
  if (how === "big" && sent.length === 1) return { rows: 1, next: { ...sent[0], state: "returned", synced_at: now, said: { code: "too_big" } } };
  if (how === "bad" && sent.length === 1) return { rows: 1, next: { ...sent[0], state: "returned", synced_at: now, said: { code: "unreadable" } } };
  if (how === "trouble" && sent.length === 1) return { rows: 1, next: { ...sent[0], not_before: now + wait(sent[0].tries) } };
  return { rows: Math.max(1, Math.floor(sent.length / 2)) };
}
export const splits = (how) => how === "big" || how === "bad" || how === "trouble";

export const stale = (record, now, days) => record.state === "sent" && now - record.synced_at > days * 86400000;

// The clock. `skew`: server minus phone, milliseconds. Small differences are left alone.
export const trueTime = (now, skew, minutes) => (Math.abs(skew || 0) > minutes * 60000 ? now + skew : now);
