// A box to type in over a list to choose from: every select. With one choice the box shows it; with many they are chips.

import { choose as tell } from "./acts.js";
import { addChip, markDirty, valueOf, whereIs } from "./fields.js";
import { $, $$, post } from "./live.js";

const parts = (combo) => ({ input: $("input", combo), list: $(".listbox", combo) });
const options = (list) => $$("[role=option]", list).filter((one) => !one.hidden);
const isMulti = (combo) => combo.dataset.multi !== undefined;
const isRemote = (combo) => combo.dataset.remote !== undefined;
let waiting = null;
let asked = 0;

function label(text) {
  const line = document.createElement("li");
  line.className = "listbox-label";
  line.setAttribute("role", "presentation");
  line.textContent = text;
  return line;
}

function optionLine(option, id) {
  const line = document.createElement("li");
  line.setAttribute("role", "option");
  line.id = id;
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
}

function point(combo, option) {
  const { input, list } = parts(combo);
  $$(".pointed", list).forEach((one) => one.classList.remove("pointed"));
  option?.classList.add("pointed");
  option?.scrollIntoView({ block: "nearest" });
  if (option) input.setAttribute("aria-activedescendant", option.id);
  else input.removeAttribute("aria-activedescendant");
}

async function ask(combo, query) {
  const { input, list } = parts(combo);
  const least = Number(combo.dataset.remote);
  const note = (text) => list.replaceChildren(label(text));
  if (query.length < least) return note(`Type ${least === 1 ? "a character" : `${least} characters`} to search`);
  const number = ++asked;
  note("Searching…");
  const { where } = whereIs(combo);
  const { block, action } = combo.dataset;
  const answer = await post("do/suggest", { where, block, action, query });
  if (number !== asked) return undefined;
  if (answer.trouble) return note(answer.trouble);
  const lines = answer.groups.flatMap((group, at) => [
    ...(group.label && group.options.length ? [label(group.label.text)] : []),
    ...group.options.map((option, index) => optionLine(option, `${input.id}-${at}-${index}`)),
  ]);
  if (!lines.length) return note("No results");
  list.replaceChildren(...lines);
  markChosen(combo);
  return point(combo, options(list)[0]);
}

function markChosen(combo) {
  const chosen = new Set([valueOf(combo)].flat());
  for (const option of $$("[role=option]", combo)) option.setAttribute("aria-selected", String(chosen.has(option.dataset.value)));
}

// A group whose options are all gone goes with them.
function filter(combo, query) {
  const { list } = parts(combo);
  let heading = null;
  for (const line of list.children) {
    if (line.role === "option") {
      line.hidden = !line.textContent.toLowerCase().includes(query.toLowerCase());
      if (heading && !line.hidden) heading.hidden = false;
    } else {
      heading = line;
      heading.hidden = true;
    }
  }
  markChosen(combo);
  point(combo, query ? options(list)[0] : $("[aria-selected=true]", list));
}

function show(combo, query) {
  const { input, list } = parts(combo);
  list.hidden = false;
  input.setAttribute("aria-expanded", "true");
  clearTimeout(waiting);
  if (isRemote(combo)) waiting = setTimeout(() => ask(combo, query), query ? 200 : 0);
  else filter(combo, query);
  // Where the window ends below the box, the list stands above it.
  const scroller = combo.closest(".modal-body, .scroller")?.getBoundingClientRect() ?? { top: 0, bottom: innerHeight };
  const at = input.getBoundingClientRect();
  const height = Math.min(list.scrollHeight, 240);
  list.classList.toggle("above", scroller.bottom - at.bottom < height && at.top - scroller.top > scroller.bottom - at.bottom);
}

// Opens the whole list; what stands in the box is what was chosen, no search.
export function open(combo) {
  const { input, list } = parts(combo);
  input.focus();
  if (!list.hidden) return;
  if (!isMulti(combo)) input.select();
  show(combo, "");
}

export function search(combo) {
  show(combo, parts(combo).input.value);
}

function choice(combo, value, text) {
  const { input } = parts(combo);
  const isNew = input.dataset.chosen !== value;
  input.dataset.chosen = value;
  input.setAttribute("value", text);
  if (isNew) changed(combo);
}

export function close(combo) {
  const { input, list } = parts(combo);
  const wasOpen = !list.hidden;
  list.hidden = true;
  input.setAttribute("aria-expanded", "false");
  point(combo, null);
  // Whoever empties the box takes the choice back; anything else that was typed was a search.
  if (!isMulti(combo) && wasOpen && !input.value.trim() && input.dataset.chosen) choice(combo, "", "");
  input.value = isMulti(combo) ? "" : input.getAttribute("value");
}

function changed(combo) {
  markDirty(combo);
  if (combo.dataset.dispatch !== undefined) tell(combo);
}

export function choose(combo, option) {
  const { value } = option.dataset;
  const text = $("span", option).textContent;
  if (!isMulti(combo)) {
    parts(combo).input.value = text;
    choice(combo, value, text);
    return close(combo);
  }
  const known = $$(".chip", combo).find((chip) => chip.dataset.value === value);
  if (!known && combo.dataset.most && $$(".chip", combo).length >= Number(combo.dataset.most)) return close(combo);
  if (known) known.remove();
  else addChip(combo, value, text);
  changed(combo);
  return close(combo);
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
    if (list.hidden) {
      open(combo);
      if (!$(".pointed", list)) point(combo, options(list)[0]);
    } else point(combo, shown.at((event.key === "ArrowDown" ? at + 1 : Math.max(at, 0) - 1) % Math.max(1, shown.length)));
    return true;
  }
  if (event.key === "Enter") {
    if (list.hidden) open(combo);
    else if (at >= 0) choose(combo, shown[at]);
    return true;
  }
  if (event.key === "Escape" && !list.hidden) {
    input.value = isMulti(combo) ? "" : input.getAttribute("value");
    close(combo);
    return true;
  }
  if (event.key === "Backspace" && !input.value && isMulti(combo)) {
    const last = $$(".chip", combo).at(-1);
    if (last) removeChip(last);
    return Boolean(last);
  }
  return false;
}
