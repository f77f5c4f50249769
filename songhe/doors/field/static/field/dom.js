// Elements without a library: h("p", {class: "x", onclick: f}, "text", child)
export function h(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name === "value" || name === "checked") made[name] = value;
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}
export const put = (id, ...children) => document.getElementById(id).replaceChildren(...children.flat().filter(Boolean));

let numbered = 0;
export function chips(legend, name, options, { many = false, chosen = [] } = {}) { // radio buttons or boxes as big targets
  const group = `${name}-${++numbered}`;
  return h("fieldset", { class: "chips", "data-field": name },
    h("legend", {}, legend),
    h("div", { class: "chip-row" }, options.map(([value, label]) =>
      h("label", { class: "chip" },
        h("input", { type: many ? "checkbox" : "radio", name: group, value, checked: chosen.includes(value) }), h("span", {}, label)))));
}
export const picked = (fieldset) => [...fieldset.querySelectorAll("input:checked")].map((input) => input.value);

export function field(label, input, hint = "") {
  input.id ||= `f-${++numbered}`;
  const hinted = hint ? h("small", { id: `${input.id}-hint` }, hint) : null;
  if (hinted) input.setAttribute("aria-describedby", hinted.id);
  return h("div", { class: "field" }, h("label", { for: input.id }, label), hinted, input);
}

export function wrong(form, message, target = null) { // what is wrong, said and pointed at
  let box = form.querySelector(".wrong");
  if (!box) { box = h("p", { class: "wrong", role: "alert" }); form.querySelector(".save").prepend(box); } // the bar that stays in sight
  box.textContent = message;
  (target || box).scrollIntoView({ block: "center" });
  const first = target && (target.matches("input,textarea,select,canvas") ? target : target.querySelector("input,textarea,select"));
  if (first) first.focus();
}
