/** Running sub-totals of the assessment form; the server counts again and alone decides. */

const form = document.querySelector("[data-scale]");
const running = form?.querySelector("[data-running]");

/** Answers and points of one domain. */
function count(domain) {
  const items = [...domain.querySelectorAll("fieldset.item")];
  const chosen = items.map((item) => item.querySelector("input:checked")).filter(Boolean);
  return { items: items.length, answered: chosen.length, points: chosen.reduce((sum, input) => sum + Number(input.value), 0) };
}

function show() {
  const all = { items: 0, answered: 0, points: 0, most: 0 };
  for (const domain of form.querySelectorAll("[data-domain]")) {
    const line = domain.querySelector("[data-subtotal]");
    const now = count(domain);
    line.textContent = `${line.dataset.answeredWord} ${now.answered}/${now.items} · ${line.dataset.sumWord} ${now.points}/${line.dataset.most}`;
    all.items += now.items;
    all.answered += now.answered;
    all.points += now.points;
    all.most += Number(line.dataset.most);
  }
  const [answered, total] = [running.querySelector("[data-answered]"), running.querySelector("[data-total]")];
  answered.textContent = `${answered.dataset.text} ${all.answered}/${all.items}`;
  total.textContent = `${total.dataset.text} ${all.points}/${all.most}`;
  running.hidden = false;
}

if (form) {
  form.addEventListener("change", show);
  show();
}
