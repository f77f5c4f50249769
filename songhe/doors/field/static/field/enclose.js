// A position or a photograph, for those who want one: folded away, asked for by nobody, fetched only by a tap.
import { field, h } from "./dom.js";
import { w } from "./words.js";

const DOORS = ["home_visit", "home_service"], NEVER = "field-no-position", SIDE = 1280;

export function enclosing() {
  let position = null, photo = "";
  const said = h("p", { class: "muted", role: "status" });
  const here = h("button", { type: "button", class: "button quiet", onclick: locate }, w("enclosed_here"));
  const file = h("input", { type: "file", accept: "image/*", capture: "environment" });
  here.hidden = !navigator.geolocation || Boolean(localStorage.getItem(NEVER));
  file.addEventListener("change", async () => {
    photo = file.files[0] ? await small(file.files[0]).catch(() => "") : "";
    said.textContent = file.files[0] && !photo ? w("enclosed_no_photo") : "";
  });
  const box = h("details", { class: "enclosing" }, h("summary", {}, w("enclosed_may")),
    h("p", { class: "muted" }, w("enclosed_why")), here, field(w("enclosed_photo_add"), file), said);
  box.hidden = true;

  function locate() {
    said.textContent = w("enclosed_wait");
    navigator.geolocation.getCurrentPosition(({ coords: c }) => {
      position = { lat: c.latitude, lon: c.longitude, accuracy: c.accuracy };
      said.textContent = w("enclosed_position", { n: Math.round(c.accuracy) });
    }, (error) => {
      said.textContent = w("enclosed_no_position");
      if (error.code === 1) { localStorage.setItem(NEVER, "yes"); here.hidden = true; } // said no once: not asked again
    }, { enableHighAccuracy: true, timeout: 15000, maximumAge: 60000 });
  }
  return {
    box,
    at: (mode) => { box.hidden = !DOORS.includes(mode); },
    what: () => (!box.hidden && (position || photo) ? { position, photo } : null),
  };
}

async function small(file) { // base64 of a JPEG of at most 1280 pixels: drawn anew, so that nothing the telephone wrote into it is left
  const image = await createImageBitmap(file), scale = Math.min(1, SIDE / Math.max(image.width, image.height));
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [image.width, image.height].map((n) => Math.max(1, Math.round(n * scale)));
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL("image/jpeg", 0.7).split(",")[1];
}
