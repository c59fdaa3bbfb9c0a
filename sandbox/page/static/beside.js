// What can be done beside Slack: the menu under the time, and the time itself.

import { $, post, refresh } from "./live.js";

const SHOWN = 8000;
let hiding = null;

function tell(text, trouble) {
  const place = $("#said");
  place.textContent = text;
  place.classList.toggle("said-trouble", trouble);
  clearTimeout(hiding);
  hiding = setTimeout(() => (place.textContent = ""), SHOWN);
}

export async function beside(item) {
  const button = $("#now");
  item.closest("[popover]")?.hidePopover();
  button.focus();
  if (button.dataset.busy !== undefined) return;
  button.dataset.busy = "";
  button.setAttribute("aria-busy", "true");
  const answer = await post("beside", { number: Number(item.dataset.beside) });
  await refresh();
  delete button.dataset.busy;
  button.removeAttribute("aria-busy");
  tell(answer.trouble ?? answer.said, Boolean(answer.trouble));
}

// The page is drawn by the server, so that the time is everybody's own: once a minute it is drawn anew.
export function keepTime() {
  if (!$("#now")) return;
  setInterval(() => document.visibilityState === "visible" && refresh(), 60_000);
}
