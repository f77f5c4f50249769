// Sentences in the reader's language, numbers and times as people say them.
const all = JSON.parse(document.getElementById("words").textContent);
let language = localStorage.getItem("field-language") || (/^zh/i.test(navigator.language) ? "zh" : "en");
document.documentElement.lang = language === "en" ? "en" : "zh-CN";

export const lang = () => language;
export const w = (key, values = {}) => Object.entries(values).reduce((s, [name, value]) => s.replaceAll(`{${name}}`, value), all[language][key] ?? key);
export const said = (thing) => (thing ? thing[language] || thing.zh || "" : "");
export function turn() {
  language = language === "en" ? "zh" : "en";
  localStorage.setItem("field-language", language);
  document.documentElement.lang = language === "en" ? "en" : "zh-CN";
}
const two = (n) => String(n).padStart(2, "0");
export function clock(ms) { // today: 14:05 · otherwise 11月20日 14:05
  const d = new Date(ms), time = `${two(d.getHours())}:${two(d.getMinutes())}`;
  return d.toDateString() === new Date().toDateString() ? time : `${day(ms)} ${time}`;
}
export function day(ms) {
  const d = new Date(ms);
  return language === "en" ? `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}` : `${d.getMonth() + 1}月${d.getDate()}日`;
}
export function span(ms) {
  const minutes = Math.round(Math.abs(ms) / 60000);
  if (minutes < 120) return w("minutes", { n: minutes });
  return minutes < 2880 ? w("hours", { n: Math.round(minutes / 60) }) : w("days", { n: Math.round(minutes / 1440) });
}
