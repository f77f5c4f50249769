// What the telephone keeps. Records leave only when they were uploaded long ago or when their owner throws them away.
//   meta    "holder" {user, name, key, until, skew, seen, synced, list}   "out" a sign-out still to be told to the server
//   records {uuid, owner, owner_name, seq, kind, state, …, cell}           cell: the sealed words, see seal.js
//   drafts  {id, owner, cell}                                               assessments begun and not finished
const NAME = "songhe-field", STRICT = { durability: "strict" };
let opened = null;

export function database() { // stores are only ever added: an older version's records stay where they are
  opened ||= globalThis.idb.openDB(NAME, 1, {
    upgrade(db) {
      for (const [name, options] of [["meta", {}], ["records", { keyPath: "uuid" }], ["drafts", { keyPath: "id" }]])
        if (!db.objectStoreNames.contains(name)) db.createObjectStore(name, options);
    },
    blocking(_now, _next, event) { event.target.close(); opened = null; },
    terminated() { opened = null; },
  });
  return opened;
}

export const holder = async () => (await database()).get("meta", "holder");
export const keepHolder = async (value) => (await database()).put("meta", value, "holder");
export const note = async (name, value) => (await database()).put("meta", value, name);
export const noted = async (name) => (await database()).get("meta", name);

export async function changeHolder(change) { // two tabs never undo each other's part
  const tx = (await database()).transaction("meta", "readwrite", STRICT);
  const now = await tx.store.get("holder");
  if (now) await tx.store.put({ ...now, ...change }, "holder");
  await tx.done;
  return now && { ...now, ...change };
}

export async function forget() { // the list and the key; records stay, sealed for their owner
  await (await database()).delete("meta", "holder");
}

export const records = async () => (await (await database()).getAll("records")).sort((a, b) => a.seq - b.seq);

export async function add(record, instead = "") { // one transaction: the new record is there before the old one goes
  const tx = (await database()).transaction("records", "readwrite", STRICT);
  const last = (await tx.store.getAll()).reduce((most, each) => Math.max(most, each.seq), 0);
  await tx.store.put({ ...record, seq: last + 1 });
  if (instead) await tx.store.delete(instead);
  await tx.done;
}

export async function changes(uuids, decide) { // all in one transaction; `decide(record)` gives its next form, or nothing to leave it
  const tx = (await database()).transaction("records", "readwrite", STRICT), out = [];
  for (const uuid of uuids) {
    const now = await tx.store.get(uuid), next = now && decide(now);
    if (next === "drop") await tx.store.delete(uuid);
    else if (next) await tx.store.put(next);
    out.push(next || now);
  }
  await tx.done;
  return out;
}
export const change = async (uuid, decide) => (await changes([uuid], decide))[0];

export const draft = async (id) => (await database()).get("drafts", id);
export const drafts = async () => (await database()).getAll("drafts");
export const keepDraft = async (value) => (await database()).put("drafts", value);
export const dropDraft = async (id) => (await database()).delete("drafts", id);
