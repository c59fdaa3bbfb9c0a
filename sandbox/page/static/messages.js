// What a person does to a message: react, edit, delete.

import { $, $$, act } from "./live.js";
import { confirmed, openerOf } from "./menus.js";
import { showTrouble } from "./fields.js";

const messageOf = (node) => node.closest("article.message");
const placeOf = (message) => ({ channel: message.dataset.channel, ts: message.dataset.message });

async function change(message, name, more = {}) {
  const answer = await act(name, { ...placeOf(message), ...more });
  if (answer.trouble && message.isConnected) showTrouble(message, answer.trouble);
  return answer;
}

// A reaction under a message, or an emoji of the picker, which belongs to the message whose button opened it.
export async function react(button) {
  const picker = button.closest("#emoji");
  const opener = picker && openerOf(picker);
  picker?.hidePopover();
  opener?.focus();
  await change(messageOf(opener ?? button), "react", { emoji: button.dataset.react });
}

export function filterEmoji(input) {
  const wanted = input.value.trim().toLowerCase().replaceAll(" ", "_");
  for (const one of $$("[data-react]", input.closest("#emoji"))) one.hidden = !one.dataset.react.includes(wanted);
}

export async function remove(button) {
  const message = messageOf(button);
  button.closest("[popover]").hidePopover();
  if (await confirmed($("#delete-question"))) await change(message, "delete");
}

// The tools of a message are one stop of the Tab key; arrows go from one to the next.
export function onToolKey(tool, event) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return false;
  const tools = $$(":scope > .tool", tool.parentNode);
  tools.at((tools.indexOf(tool) + step) % tools.length).focus();
  return true;
}

function button(text, className, run) {
  const node = document.createElement("button");
  node.type = "button";
  node.className = `btn ${className}`;
  node.textContent = text;
  node.addEventListener("click", run);
  return node;
}

export function edit(item) {
  const message = messageOf(item);
  const place = $(".editor", message);
  const box = document.createElement("textarea");
  item.closest("[popover]").hidePopover();
  box.setAttribute("aria-label", "Edit message");
  box.value = item.dataset.edit;
  const close = () => {
    place.replaceChildren();
    $(".tools button:last-of-type", message)?.focus();
  };
  const save = async () => {
    const answer = await change(message, "edit", { text: box.value });
    if (!answer.trouble) close();
  };
  box.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
    else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) save();
    else return;
    event.preventDefault();
  });
  const bar = document.createElement("div");
  bar.className = "editor-bar";
  bar.append(button("Cancel", "", close), button("Save", "btn-primary", save));
  place.replaceChildren(box, bar);
  box.focus();
}
