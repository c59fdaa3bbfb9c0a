// Where a person writes: messages with files, and commands. A draft outlives a reload.

import { $, $$, post, refresh, scrollDown } from "./live.js";
import * as suggestions from "./suggest.js";

const draftKey = (form) => `draft ${document.body.dataset.me} ${form.dataset.channel} ${form.dataset.thread}`;
const boxOf = (form) => $("textarea", form);

function fit(form) {
  const box = boxOf(form);
  box.style.height = "auto";
  box.style.height = `${Math.min(box.scrollHeight, 240)}px`;
  $(".send", form).disabled = !box.value.trim() && !(form.files ?? []).length;
}

export function onInput(form) {
  fit(form);
  suggestions.suggest(form);
  sessionStorage.setItem(draftKey(form), boxOf(form).value);
}

// Answers whether the key was for the composer itself.
export function onKey(form, event) {
  if (suggestions.onKey(form, event)) return true;
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    form.requestSubmit();
    return true;
  }
  return false;
}

// The composer that a file dropped or pasted at this place belongs to.
export const composerAt = (node) => $(".composer", node.closest?.(".main, .thread") ?? document.createElement("p"));

export function attach(form, files) {
  form.files = [...(form.files ?? []), ...files];
  drawFiles(form);
}

function drawFiles(form) {
  const chips = form.files.map((file, index) => {
    const chip = document.createElement("li");
    chip.className = "chip";
    const name = document.createElement("span");
    name.textContent = file.name;
    const remove = document.createElement("button");
    remove.type = "button";
    remove.className = "chip-remove";
    remove.setAttribute("aria-label", `Remove ${file.name}`);
    remove.textContent = "×";
    remove.addEventListener("click", () => {
      form.files.splice(index, 1);
      drawFiles(form);
      boxOf(form).focus();
    });
    chip.append(name, remove);
    return chip;
  });
  $(".file-chips", form).replaceChildren(...chips);
  fit(form);
}

export async function send(form) {
  const box = boxOf(form);
  const text = box.value.trim();
  const files = form.files ?? [];
  if ((!text && !files.length) || form.dataset.busy !== undefined) return;
  const trouble = $(".trouble", form);
  trouble.hidden = true;
  suggestions.hide(form);
  form.dataset.busy = "";
  const body = new FormData();
  body.append("channel", form.dataset.channel);
  body.append("thread", form.dataset.thread);
  body.append("text", text);
  files.forEach((file) => body.append("files", file));
  const answer = await post("say", body);
  delete form.dataset.busy;
  if (answer.trouble) {
    trouble.textContent = answer.trouble;
    trouble.hidden = false;
  } else {
    box.value = "";
    form.files = [];
    drawFiles(form);
    onInput(form);
  }
  await refresh();
  if (!answer.trouble) scrollDown();
}

// A composer just drawn gets back what was being written there.
export function restore() {
  for (const form of $$(".composer")) {
    if (form.restored) continue;
    form.restored = true;
    const draft = sessionStorage.getItem(draftKey(form));
    if (draft && !boxOf(form).value) boxOf(form).value = draft;
    fit(form);
  }
}
