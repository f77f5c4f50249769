// Sealing: AES-GCM with a key that cannot be taken out of the browser. The server gives it at sign-in; signing out destroys it.
const text = new TextEncoder(), words = new TextDecoder();

export const able = () => Boolean(globalThis.crypto && crypto.subtle && globalThis.indexedDB);

export async function keyFrom(base64) {
  const raw = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  try { return await crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]); }
  finally { raw.fill(0); }
}

export async function seal(key, value) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  return { iv, box: await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, text.encode(JSON.stringify(value))) };
}

export async function open(key, cell) { // rejects when the key is another one
  return JSON.parse(words.decode(await crypto.subtle.decrypt({ name: "AES-GCM", iv: cell.iv }, key, cell.box)));
}
