// The inspector: filters that act while one types, a list for the keyboard, faults to switch on.

import { $, follow, visit } from "./live.js";
import { followLinks, settled, walkLines } from "./tools.js";

const filters = $("#filters");
const PAUSE = 200;
let typing = null;

function filtered() {
  const url = new URL(location.pathname, location.href);
  const chosen = new URLSearchParams(location.search).get("number");
  for (const [name, value] of new FormData(filters)) if (value) url.searchParams.set(name, value);
  if (chosen) url.searchParams.set("number", chosen);
  visit(url);
}

filters.addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(filtered, PAUSE);
});

// The form is never redrawn, so that nothing typed is lost; where the address changes otherwise, it follows.
function follows() {
  const asked = new URLSearchParams(location.search);
  filters.kind.value = asked.get("kind") ?? "";
  filters.failed.checked = asked.get("failed") === "1";
  if (document.activeElement !== filters.text) filters.text.value = asked.get("text") ?? "";
}
document.addEventListener("arrived", follows);

document.addEventListener("submit", (event) => {
  event.preventDefault();
  const form = event.target;
  if (form === filters) filtered();
  if (!form.dataset.fault) return;
  const given = Object.fromEntries(new FormData(form));
  settled($("[type=submit]", form), "inspector/faults", { kind: form.dataset.fault, ...given });
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && $(".detail")) visit($(".detail-header .tool").href);
});

followLinks();
walkLines(".line");
follow();
document.documentElement.dataset.ready = "";
