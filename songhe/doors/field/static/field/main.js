// The page: opens from what the phone keeps, then looks for the network.
import { app, refresh } from "./app.js";
import { bar, foot, notices } from "./bar.js";
import { h, put } from "./dom.js";
import { able } from "./seal.js";
import { list } from "./list.js";
import { begin, send } from "./sync.js";
import { w } from "./words.js";

const SCREENS = { visit: () => import("./visit.js"), facts: () => import("./facts.js"), records: () => import("./records.js"), assess: () => import("./assess.js"), assessments: () => import("./assess.js") };
let shown = null, drawing = 0;

document.documentElement.dataset.size = localStorage.getItem("field-size") || "large";

async function draw({ moved = false } = {}) {
  const turn = ++drawing;
  await refresh();
  if (turn !== drawing) return;
  bar(); notices(); foot();
  const [name, ...rest] = location.hash.slice(1).split("/");
  if (!moved && shown === location.hash && ["visit", "facts", "assess"].includes(name)) return; // nothing typed is redrawn
  const screen = app.holder && SCREENS[name] ? await SCREENS[name]() : null;
  const made = screen ? await screen[name](...rest) : list();
  if (turn !== drawing) return;
  const at = scrollY, same = shown === location.hash;
  const search = same && document.activeElement && document.activeElement.id === "find";
  shown = location.hash;
  put("main", made);
  if (search) document.getElementById("find")?.focus();
  document.title = `${document.querySelector("h1")?.textContent || ""} · ${w("app_name")}`;
  if (same && !moved) scrollTo(0, at);
  else { scrollTo(0, 0); if (moved) document.getElementById("main").focus({ preventScroll: true }); }
}
export const redraw = () => draw({ moved: true });

let soon = 0;
function told() { cancelAnimationFrame(soon); soon = requestAnimationFrame(() => draw()); }

async function start() {
  if (!able()) { put("main", h("h1", {}, w("app_name")), h("p", { class: "notice warn" }, w("no_crypto")), h("p", {}, h("a", { class: "button", href: "/" }, w("desk_go")))); return; }
  await draw();
  document.documentElement.dataset.ready = "yes";
  performance.mark("songhe-ready");
  addEventListener("hashchange", () => draw({ moved: true }));
  addEventListener("songhe-redraw", () => { shown = null; draw(); });
  begin(told);
  send({ list: true });
  if ("serviceWorker" in navigator) {
    const registered = await navigator.serviceWorker.register("/field/sw.js", { scope: "/field/" }).catch(() => null);
    const had = navigator.serviceWorker.controller;
    navigator.serviceWorker.addEventListener("controllerchange", () => { if (had) { app.updated = true; told(); } });
    if (registered) document.documentElement.dataset.kept = registered.active ? "yes" : "soon";
    navigator.serviceWorker.ready.then(() => { document.documentElement.dataset.kept = "yes"; });
  }
  setInterval(told, 60000);
}
start();
