// Where a person writes: messages with files, and commands with their suggestions. A draft outlives a reload.

import { $, $$, post, refresh, scrollDown } from "./live.js";

const draftKey = (form) => `draft ${document.body.dataset.me} ${form.dataset.channel} ${form.dataset.thread}`;
const boxOf = (form) => $("textarea", form);
const listOf = (form) => $(".suggestions", form);

function fit(form) {
  const box = boxOf(form);
  box.style.height = "auto";
  box.style.height = `${Math.min(box.scrollHeight, 240)}px`;
  $(".send", form).disabled = !box.value.trim() && !(form.files ?? []).length;
}

function suggestionLine(command, index) {
  const line = document.createElement("li");
  line.setAttribute("role", "option");
  line.id = `command-${index}`;
  line.dataset.command = command.name;
  const name = document.createElement("strong");
  name.textContent = command.name;
  const hint = document.createElement("span");
  hint.textContent = command.hint;
  const about = document.createElement("small");
  about.textContent = [command.about, command.app].filter(Boolean).join(" · ");
  line.append(name, " ", hint, about);
  return line;
}

function suggest(form) {
  const box = boxOf(form);
  const list = listOf(form);
  const typed = box.value;
  const commands = JSON.parse($("#commands").textContent);
  const fitting = /^\/\S*$/.test(typed) ? commands.filter((one) => one.name.startsWith(typed)) : [];
  list.replaceChildren(...fitting.map(suggestionLine));
  list.hidden = !fitting.length;
  box.setAttribute("aria-expanded", String(!list.hidden));
  point(form, 0);
}

function point(form, index) {
  const lines = $$("[role=option]", listOf(form));
  lines.forEach((line, at) => line.setAttribute("aria-selected", String(at === index)));
  if (lines[index]) boxOf(form).setAttribute("aria-activedescendant", lines[index].id);
  else boxOf(form).removeAttribute("aria-activedescendant");
}

const pointed = (form) => $$("[role=option]", listOf(form)).findIndex((one) => one.getAttribute("aria-selected") === "true");

export function take(form, line) {
  const box = boxOf(form);
  box.value = `${line.dataset.command} `;
  onInput(form);
  box.focus();
}

export function onInput(form) {
  fit(form);
  suggest(form);
  sessionStorage.setItem(draftKey(form), boxOf(form).value);
}

// Answers whether the key was for the composer itself.
export function onKey(form, event) {
  const list = listOf(form);
  const lines = $$("[role=option]", list);
  if (!list.hidden) {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const step = event.key === "ArrowDown" ? 1 : lines.length - 1;
      point(form, (pointed(form) + step) % lines.length);
      return true;
    }
    const exact = lines.some((line) => line.dataset.command === boxOf(form).value);
    if (event.key === "Tab" || (event.key === "Enter" && !exact)) {
      take(form, lines[pointed(form)]);
      return true;
    }
    if (event.key === "Escape") {
      list.hidden = true;
      return true;
    }
  }
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    form.requestSubmit();
    return true;
  }
  return false;
}

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
  listOf(form).hidden = true;
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
