// The till: a tap is kept on this machine first (numbers only, no names), then sent; without a network it waits and goes later.
const till = document.getElementById("till")
const line = document.getElementById("till-state")
const KEY = `songhe till ${till?.dataset.point}`

const waiting = () => { try { return JSON.parse(localStorage.getItem(KEY) || "[]") } catch { return [] } }
const keep = (rows) => localStorage.setItem(KEY, JSON.stringify(rows))
const button = (person) => till.querySelector(`button[data-person="${CSS.escape(String(person))}"]`)

function show(person, state, note) {
  const one = button(person)
  if (!one) return
  one.dataset.state = state
  if (note) one.querySelector(".till-note").textContent = note
}

function tell(text) {
  const rows = waiting().length
  const net = navigator.onLine ? line.dataset.ok : line.dataset.off
  line.textContent = [text, net, rows ? `${line.dataset.wait} ${rows}` : ""].filter(Boolean).join(" · ")
}

function tap(event) {
  event.preventDefault()
  const one = event.target.querySelector("button")
  if (one.dataset.state) return
  const row = { uuid: crypto.randomUUID ? crypto.randomUUID() : event.target.elements.uuid.value, person: one.dataset.person,
    meal: till.dataset.meal, at: new Date().toISOString() }
  try { keep([...waiting(), row]) } catch { event.target.submit(); return }
  show(row.person, "wait", line.dataset.wait)
  tell("")
  send()
}

let busy = false
async function send() {
  const rows = waiting().slice(0, 100)
  if (busy || !rows.length) return
  busy = true
  try {
    const asked = await fetch(till.dataset.token, { headers: { Accept: "application/json" } })
    if (!asked.ok) throw new Error(String(asked.status))
    const { token } = await asked.json()
    const answer = await fetch(till.dataset.send, { method: "POST", body: JSON.stringify({ rows }),
      headers: { "Content-Type": "application/json", "X-CSRFToken": token } })
    if (!answer.ok) throw new Error(String(answer.status))
    settled(rows, (await answer.json()).rows)
  } catch { tell("") } finally { busy = false }
  if (waiting().length && navigator.onLine) setTimeout(send, 15000)
}

function settled(rows, answers) {
  const known = new Map(answers.map((each) => [each.uuid, each]))
  keep(waiting().filter((row) => !known.has(row.uuid)))
  for (const row of rows) {
    const told = known.get(row.uuid)
    if (!told) continue
    const good = told.result === "new" || told.result === "same"
    show(row.person, good ? "done" : "refused", good ? `${line.dataset.kept} ¥${told.pays}` : told.said)
    tell(good ? "" : told.said)
  }
}

if (till) {
  for (const form of till.querySelectorAll("form")) form.addEventListener("submit", tap)
  for (const row of waiting()) if (row.meal === till.dataset.meal) show(row.person, "wait", line.dataset.wait)
  addEventListener("online", send)
  addEventListener("offline", () => tell(""))
  tell(line.textContent)
  send()
}
