// What pages share beside Slack: faults are switched off where their banner is; links and lists of pages of their own.

import { $, $$, post, refresh, say, visit } from "./live.js";

// Does something on the server, and shows the page as it is then.
export async function settled(button, path, body) {
  if (button.dataset.busy !== undefined) return;
  button.dataset.busy = "";
  const answer = await post(path, body);
  await refresh();
  delete button.dataset.busy;
  if (answer.trouble) say(answer.trouble);
}

document.addEventListener("click", (event) => {
  const off = event.target.closest("[data-fault-off]");
  if (off) settled(off, "inspector/faults/off", { kind: off.dataset.faultOff });
});

// The browser remembers that somebody has closed the tour; the server draws it or not.
document.addEventListener("click", async (event) => {
  const wanted = event.target.closest("[data-tour]")?.dataset.tour;
  if (!wanted) return;
  document.cookie = `tour_hidden=${wanted === "hidden" ? 1 : ""}; path=/; max-age=${wanted === "hidden" ? 31_536_000 : 0}; samesite=strict`;
  await refresh();
  $(wanted === "hidden" ? "[data-tour=shown]" : "[data-tour=hidden]")?.focus();
});

// On pages that are not Slack's own: what a link leads to is fetched and taken over, not loaded anew.
export function followLinks() {
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-visit]");
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    visit(link.href);
  });
}

export function walkLines(lines) {
  document.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const line = event.target.closest?.(lines);
    if (!line || !step) return;
    const all = $$(lines);
    all[all.indexOf(line) + step]?.focus();
    event.preventDefault();
  });
}
