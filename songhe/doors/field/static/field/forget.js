// For the pages of the desk: whoever signs out there leaves no list on this telephone either. Waiting records stay, sealed.
addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.action || !new URL(form.action).pathname.startsWith("/account/logout/") || form.dataset.forgotten || !globalThis.indexedDB) return;
  event.preventDefault();
  const on = () => { if (form.dataset.forgotten) return; form.dataset.forgotten = "yes"; form.submit(); };
  const asked = indexedDB.open("songhe-field");
  setTimeout(on, 1500);
  asked.onupgradeneeded = () => asked.transaction.abort(); // this browser never kept a list
  asked.onerror = on;
  asked.onsuccess = () => {
    const db = asked.result, tx = db.transaction("meta", "readwrite");
    tx.objectStore("meta").delete("holder");
    tx.oncomplete = tx.onerror = () => { db.close(); on(); };
  };
});
