// One question to the server, and what kind of answer came: an answer counts only when it names our protocol.
//   ok · offline · login · denied · other · big · bad · trouble · portal · broken
const PROTOCOL = "field/1", PATIENCE = 30000;

export async function ask(address, options = {}) {
  const stop = new AbortController(), timer = setTimeout(() => stop.abort(), PATIENCE);
  const began = Date.now();
  try {
    const answer = await fetch(address, { credentials: "same-origin", cache: "no-store", redirect: "manual", signal: stop.signal, ...options });
    const text = await answer.text();
    return { ...read(answer.type, answer.status, answer.headers.get("content-type") || "", text), began, ended: Date.now() };
  } catch { return { how: "offline" }; }
  finally { clearTimeout(timer); }
}

export function read(type, status, kind, text) {
  if (type === "opaqueredirect") return { how: "login" };
  let body = null;
  if (kind.includes("json")) try { body = JSON.parse(text); } catch { /* half an answer */ }
  const ours = body && body.songhe === PROTOCOL;
  if (status === 401) return { how: ours ? "login" : "portal" };
  if (status === 413) return { how: "big" };
  if (status >= 500 || status === 429 || status === 408) return { how: "trouble" };
  if (ours && status === 200) return { how: "ok", body };
  if (ours && status === 403) return { how: "denied", body };
  if (ours && status === 409) return { how: "other", body };
  if (ours && status === 400) return { how: "bad", body };
  if (status === 200) return { how: kind.includes("json") ? "broken" : "portal" };
  if (status === 409 || status === 403) return { how: "trouble" };
  return { how: kind.includes("html") ? "portal" : "trouble" };
}

export function skewOf({ body, began, ended }) { // milliseconds the phone's clock is behind; half the way there and back counts
  return Date.parse(body.now) - (began + ended) / 2;
}
