/** Comforts of the pages of 巡访关爱; each works without them. */

/* One tap on 打电话 opens this page and dials: the number stands as an ordinary link as well. Reloading does not dial again. */
const dial = document.querySelector("a[data-dial]");
if (dial) {
  const here = new URL(location.href);
  here.searchParams.delete("call");
  history.replaceState(null, "", here);
  if (matchMedia("(pointer: coarse)").matches) location.href = dial.href;
}

/* A form is sent once, however often the button is pressed; the record's own number makes sure of it on the server. */
document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-once]");
  if (!form) return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => document.querySelectorAll("form[data-once]").forEach((form) => delete form.dataset.sent));
