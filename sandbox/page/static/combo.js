// A box to type in over a list to choose from: multi-selects, and selects whose options come from the app.

import { $, $$, act, post } from "./live.js";
import { addChip, markDirty, valueOf, whereIs } from "./fields.js";

const parts = (combo) => ({ input: $("input", combo), list: $(".listbox", combo) });
const options = (list) => $$("[role=option]", list).filter((one) => !one.hidden);
let waiting = null;
let asked = 0;

function note(list, text) {
  const line = document.createElement("li");
  line.className = "listbox-label";
  line.setAttribute("role", "presentation");
  line.textContent = text;
  list.replaceChildren(line);
}

function point(combo, option) {
  const { input, list } = parts(combo);
  $$(".pointed", list).forEach((one) => one.classList.remove("pointed"));
  option?.classList.add("pointed");
  option?.scrollIntoView({ block: "nearest" });
  if (option) input.setAttribute("aria-activedescendant", option.id);
  else input.removeAttribute("aria-activedescendant");
}

export function close(combo) {
  const { input, list } = parts(combo);
  list.hidden = true;
  input.setAttribute("aria-expanded", "false");
  input.value = "";
  point(combo, null);
}

async function ask(combo, query) {
  const { input, list } = parts(combo);
  const least = Number(combo.dataset.remote);
  if (query.length < least) return note(list, `Type ${least === 1 ? "a character" : `${least} characters`} to search`);
  const number = ++asked;
  note(list, "Searching…");
  const { where } = whereIs(combo);
  const { block, action } = combo.dataset;
  const answer = await post("do/suggest", { where, block, action, query });
  if (number !== asked) return undefined;
  if (answer.trouble) return note(list, answer.trouble);
  if (!answer.options.length) return note(list, "No results");
  list.replaceChildren(
    ...answer.options.map((option, index) => {
      const line = document.createElement("li");
      line.setAttribute("role", "option");
      line.id = `${input.id}-r${index}`;
      line.dataset.value = option.value;
      const text = document.createElement("span");
      text.textContent = option.text.text;
      line.append(text);
      if (option.description) {
        const about = document.createElement("small");
        about.textContent = option.description.text;
        line.append(about);
      }
      return line;
    }),
  );
  return point(combo, options(list)[0]);
}

function filter(combo, query) {
  const { list } = parts(combo);
  const chosen = new Set([valueOf(combo)].flat());
  for (const option of $$("[role=option]", list)) {
    option.hidden = !option.textContent.toLowerCase().includes(query.toLowerCase());
    option.setAttribute("aria-selected", String(chosen.has(option.dataset.value)));
  }
  point(combo, query ? options(list)[0] : null);
}

export function open(combo) {
  const { input, list } = parts(combo);
  list.hidden = false;
  input.setAttribute("aria-expanded", "true");
  clearTimeout(waiting);
  if (combo.dataset.remote === undefined) filter(combo, input.value);
  else waiting = setTimeout(() => ask(combo, input.value), input.value ? 200 : 0);
}

function changed(combo) {
  markDirty(combo);
  if (combo.dataset.dispatch === undefined) return;
  const { block, action } = combo.dataset;
  act("choose", { ...whereIs(combo), block, action, choice: valueOf(combo) });
}

export function choose(combo, option) {
  const value = option.dataset.value;
  const multi = combo.dataset.multi !== undefined;
  const known = $$(".chip", combo).find((chip) => chip.dataset.value === value);
  if (known && multi) known.remove();
  else if (!known) {
    if (!multi) $(".chips", combo).replaceChildren();
    if (combo.dataset.most && $$(".chip", combo).length >= Number(combo.dataset.most)) return;
    addChip(combo, value, $("span", option).textContent);
  }
  changed(combo);
  close(combo);
}

export function removeChip(chip) {
  const field = chip.closest(".field");
  const input = $("input", field);
  chip.remove();
  if (field.classList.contains("combo")) changed(field);
  else markDirty(field);
  input.focus();
}

// Answers whether the key was for the list.
export function onKey(combo, event) {
  const { input, list } = parts(combo);
  const shown = options(list);
  const at = shown.findIndex((one) => one.classList.contains("pointed"));
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    if (list.hidden) open(combo);
    const step = event.key === "ArrowDown" ? 1 : -1;
    point(combo, options(list).at((at + step) % Math.max(1, shown.length)));
    return true;
  }
  if (event.key === "Enter") {
    if (!list.hidden && at >= 0) choose(combo, shown[at]);
    return true;
  }
  if (event.key === "Escape" && !list.hidden) {
    close(combo);
    return true;
  }
  if (event.key === "Backspace" && !input.value) {
    const last = $$(".chip", combo).at(-1);
    if (last) removeChip(last);
    return Boolean(last);
  }
  return false;
}
