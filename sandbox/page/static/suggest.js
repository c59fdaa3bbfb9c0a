// What the composer offers while one types: commands at the beginning, people after `@`, channels after `#`.

import { $, $$, say } from "./live.js";

const boxOf = (form) => $("textarea", form);
const listOf = (form) => $(".suggestions", form);
const MOST = 8;

const words = () => JSON.parse($("#words").textContent);

// A name fits if it, or one of its words, begins with what was typed.
function fits(name, typed) {
  const low = name.toLowerCase();
  return low.startsWith(typed) || low.split(/[ .-]/).some((word) => word.startsWith(typed));
}

// What could be meant at the caret: where it begins in the text, and what fits.
function meant(box) {
  const before = box.value.slice(0, box.selectionEnd);
  if (/^\/\S*$/.test(before)) {
    const fitting = words().commands.filter((one) => one.name.startsWith(before));
    return { from: 0, fitting: fitting.map((one) => ({ ...one, insert: one.name })) };
  }
  const [, typed] = before.match(/(?:^|\s)([@#][^@#\n]{0,40})$/) ?? [];
  if (typed === undefined) return { from: 0, fitting: [] };
  const sign = typed[0];
  const known = sign === "@" ? words().people : words().channels;
  const fitting = known.filter((one) => fits(one.name, typed.slice(1).toLowerCase())).slice(0, MOST);
  return {
    from: before.length - typed.length,
    fitting: fitting.map((one) => ({ ...one, insert: sign + one.name, sign })),
  };
}

function part(kind, text, className = "") {
  const node = document.createElement(kind);
  node.textContent = text;
  node.className = className;
  return node;
}

function line(one, form, index) {
  const node = part("li", "");
  node.setAttribute("role", "option");
  node.id = `${listOf(form).id}-${index}`;
  node.dataset.insert = one.insert;
  if (one.initials) node.append(part("span", one.initials, `avatar avatar-small hue-${one.hue}${one.app ? " avatar-app" : ""}`));
  node.append(part("strong", one.sign === "#" ? `#${one.name}` : one.name));
  if (one.app && one.initials) node.append(part("span", "APP", "badge"));
  if (one.hint) node.append(part("span", one.hint, "hint-of"));
  if (one.about) node.append(part("small", one.hint === undefined ? one.about : `${one.about} · ${one.app}`));
  return node;
}

function point(form, index) {
  const lines = $$("[role=option]", listOf(form));
  lines.forEach((one, at) => one.setAttribute("aria-selected", String(at === index)));
  lines[index]?.scrollIntoView({ block: "nearest" });
  if (lines[index]) boxOf(form).setAttribute("aria-activedescendant", lines[index].id);
  else boxOf(form).removeAttribute("aria-activedescendant");
}

export function suggest(form) {
  const box = boxOf(form);
  const list = listOf(form);
  const { from, fitting } = meant(box);
  list.from = from;
  list.replaceChildren(...fitting.map((one, index) => line(one, form, index)));
  list.hidden = !fitting.length;
  if (fitting.length) say(`${fitting.length} ${fitting.length === 1 ? "suggestion" : "suggestions"}`);
  point(form, 0);
  // Once the command stands there, how it goes on stays in sight.
  const command = words().commands.find((one) => one.hint && box.value.startsWith(`${one.name} `));
  $(".usage", form).textContent = command ? `${command.name} ${command.hint}` : "";
}

export function hide(form) {
  listOf(form).hidden = true;
  boxOf(form).removeAttribute("aria-activedescendant");
}

export function take(form, option) {
  const box = boxOf(form);
  box.setRangeText(`${option.dataset.insert} `, listOf(form).from, box.selectionEnd, "end");
  box.focus();
  box.dispatchEvent(new Event("input", { bubbles: true }));
}

// Answers whether the key was for the list.
export function onKey(form, event) {
  const list = listOf(form);
  if (list.hidden) return false;
  const lines = $$("[role=option]", list);
  const at = lines.findIndex((one) => one.getAttribute("aria-selected") === "true");
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    point(form, (at + (event.key === "ArrowDown" ? 1 : lines.length - 1)) % lines.length);
    return true;
  }
  const exact = lines.some((one) => one.dataset.insert === boxOf(form).value.slice(list.from));
  if (event.key === "Tab" || (event.key === "Enter" && !exact)) {
    take(form, lines[at]);
    return true;
  }
  if (event.key === "Escape") hide(form);
  return event.key === "Escape";
}
