// The page: opens from what the phone keeps, then looks for the network.
import { app, refresh } from "./app.js";
import { bar, foot, notices, settle } from "./bar.js";
import { h, put } from "./dom.js";
import { able } from "./seal.js";
import { list } from "./list.js";
import { begin, send } from "./sync.js";
import { w } from "./words.js";

const FILES = { visit: "./visit.js", facts: "./facts.js", records: "./records.js", assess: "./assess.js", assessments: "./assess.js", order: "./order.js", till: "./till.js" };
const screens = () => Promise.all(Object.entries(FILES).map(async ([name, file]) => [name, (await import(file))[name]])).then(Object.fromEntries);
let shown = null, drawing = 0, asked = false;

document.documentElement.dataset.size = localStorage.getItem("field-size") || "large";

async function draw({ moved = false } = {}) {
  const turn = ++drawing;
  await refresh();
  if (turn !== drawing) return;
  bar(); notices(); foot();
  const [name, ...rest] = location.hash.slice(1).split("/");
  if (!moved && !asked && shown === location.hash && ["visit", "facts", "assess", "order"].includes(name)) return; // nothing typed is redrawn
  const made = app.holder && FILES[name] ? await screen(name, rest) : list();
  if (turn !== drawing) return;
  const at = scrollY, same = shown === location.hash;
  const held = same && document.activeElement, again = !held ? "" : held.id === "find" ? "#find" : held.dataset.person ? `button[data-person="${held.dataset.person}"]` : "";
  [shown, asked] = [location.hash, false];
  put("main", made);
  if (!same || moved) settle();
  if (again) document.querySelector(again)?.focus({ preventScroll: true });
  document.title = `${document.querySelector("h1")?.textContent || ""} · ${w("app_name")}`;
  if (same && !moved) scrollTo(0, at);
  else { scrollTo(0, 0); if (moved) document.getElementById("main").focus({ preventScroll: true }); }
}
export const redraw = () => draw({ moved: true });

async function screen(name, rest) { // a form that cannot be fetched says so: a module that failed once fails until the page is opened anew
  const all = await screens().catch(() => null);
  if (all) return all[name](...rest);
  return h("div", { class: "home" }, h("p", { class: "notice warn", "data-key": "not_loaded" }, w("not_loaded")),
    h("button", { class: "button main", onclick: () => location.reload() }, w("open_again")));
}

let soon = 0;
function told() { cancelAnimationFrame(soon); soon = requestAnimationFrame(() => draw()); }

async function start() {
  if (!able()) { put("main", h("h1", {}, w("app_name")), h("p", { class: "notice warn" }, w("no_crypto")), h("p", {}, h("a", { class: "button", href: "/" }, w("desk_go")))); return; }
  await draw();
  document.documentElement.dataset.ready = "yes";
  performance.mark("songhe-ready");
  addEventListener("hashchange", () => draw({ moved: true }));
  addEventListener("songhe-redraw", () => { asked = true; draw(); });
  begin(told);
  send({ list: true });
  setInterval(told, 60000);
  if ("serviceWorker" in navigator) await guard();
}

async function guard() { // data-kept says "yes" once every form is in memory and the worker stands between page and network
  const worker = navigator.serviceWorker, had = worker.controller;
  const taken = new Promise((done) => { if (had) done(); else worker.addEventListener("controllerchange", done, { once: true }); });
  worker.addEventListener("controllerchange", () => { if (had) { app.updated = true; told(); } });
  const loaded = screens().catch(() => null);
  if (!await worker.register("/field/sw.js", { scope: "/field/" }).catch(() => null)) return;
  document.documentElement.dataset.kept = "soon";
  if (!await loaded) return;
  const { active } = await worker.ready;
  if (!worker.controller) active.postMessage("claim"); // it became active while this page was on its way: nobody claimed it
  await taken;
  document.documentElement.dataset.kept = "yes";
}
start();
