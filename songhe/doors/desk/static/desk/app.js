/** Everything here only adds comfort: each page works without it. */

const KEYS = "songhe-keys";
const live = document.getElementById("live");
const alarm = document.getElementById("alarm");
const typing = (element) => element.matches("input:not([type=checkbox]):not([type=radio]), select, textarea, [contenteditable]");
const shortcuts = () => localStorage.getItem(KEYS) !== "off";

/** Say a sentence to screen readers without moving the focus. */
function announce(text) {
  live.textContent = "";
  requestAnimationFrame(() => (live.textContent = text));
}

/* Keys: "/" to the search box; arrows, Home and End walk the rows of a [data-rows] table or list.
   Single-key shortcuts can be switched off in the account menu (WCAG 2.1.4). */
function walkRows(event) {
  const rows = event.target.closest("[data-rows]");
  if (!rows) return;
  const stops = [...rows.querySelectorAll("tbody tr, :scope > li")]
    .map((row) => row.querySelector("[data-row], a[href], button"))
    .filter(Boolean);
  const current = event.target.closest("tr, li");
  const index = stops.findIndex((stop) => current && current.contains(stop));
  const next = { ArrowDown: index + 1, ArrowUp: index - 1, Home: 0, End: stops.length - 1 }[event.key];
  if (stops[next]) {
    event.preventDefault();
    stops[next].focus();
  }
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.key === "Escape") closeMenus(null, true);
  if (typing(event.target)) return;
  const search = document.getElementById("site-search");
  if (event.key === "/" && search && shortcuts()) {
    event.preventDefault();
    search.focus();
    search.select();
  }
  walkRows(event);
});

/* Menus are <details>: close the others, close on a click outside and on Escape. */
function closeMenus(except, refocus = false) {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (menu === except || menu.contains(except)) continue;
    if (refocus && menu.contains(document.activeElement)) menu.querySelector("summary").focus();
    menu.open = false;
  }
}
document.addEventListener("click", (event) => closeMenus(event.target.closest("details[data-menu]")));

/* The shortcut switch of the account menu. */
for (const toggle of document.querySelectorAll("[data-keys-toggle]")) {
  const show = () => (toggle.querySelector("span").textContent = shortcuts() ? toggle.dataset.on : toggle.dataset.off);
  toggle.hidden = false;
  toggle.addEventListener("click", () => {
    localStorage.setItem(KEYS, shortcuts() ? "off" : "on");
    show();
  });
  show();
}

/* Buttons that print, copy, or ask before they act: data-print, data-copy="#id", data-confirm="…". */
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-print], [data-copy]");
  if (!button) return;
  if ("print" in button.dataset) window.print();
  else navigator.clipboard?.writeText(document.querySelector(button.dataset.copy).innerText).then(() => announce(button.dataset.done || ""));
});
document.addEventListener("submit", (event) => {
  const question = event.submitter?.dataset.confirm || event.target.dataset.confirm;
  if (question && !window.confirm(question)) event.preventDefault();
});

/** The first thing wrong on a page takes the focus; the chosen row comes into sight. */
function settle(root) {
  root.querySelector?.("[data-focus]")?.focus();
}
settle(document);

/* htmx: refreshed parts are announced; a request that failed never replaces what stands on the page. */
document.addEventListener("htmx:after:swap", () => {
  const said = [...document.querySelectorAll("[data-announce]")].map((element) => element.innerText.trim()).join("；");
  if (said) announce(said);
  settle(document);
});
document.addEventListener("htmx:before:swap", (event) => {
  const status = event.detail.ctx?.response?.status ?? 200;
  if (status < 400 || status === 422) {
    alarm.textContent = "";
    return;
  }
  event.preventDefault();
  alarm.textContent = [401, 403].includes(status) ? alarm.dataset.denied : alarm.dataset.text;
});
document.addEventListener("htmx:error", () => (alarm.textContent = alarm.dataset.text));
alarm.addEventListener("click", () => (alarm.textContent = ""));

/* On a narrow screen the tab one stands on is in view. */
for (const tab of document.querySelectorAll(".tabs [aria-current]")) {
  const row = tab.closest(".tabs");
  if (row.scrollWidth > row.clientWidth) row.scrollLeft = tab.offsetLeft - (row.clientWidth - tab.offsetWidth) / 2;
}
