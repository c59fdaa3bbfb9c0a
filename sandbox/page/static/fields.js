// What stands in the fields of a form, by block and element, as the server takes it.

import { $, $$, post, say } from "./live.js";

const chipsOf = (field) => $$(".chip", field).map((chip) => chip.dataset.value);

export function valueOf(field) {
  const kind = field.dataset.kind;
  if (kind === "checkboxes") return $$("input:checked", field).map((input) => input.value);
  if (kind === "radio_buttons") return $("input:checked", field)?.value ?? null;
  if (kind === "file_input" || kind.startsWith("multi_")) return chipsOf(field);
  if (field.classList.contains("combo")) return $("input", field).dataset.chosen || null;
  return $("input, textarea", field).value;
}

export function valuesIn(surface) {
  const values = {};
  for (const field of $$(".field", surface)) {
    const { block, action } = field.dataset;
    (values[block] ??= {})[action] = valueOf(field);
  }
  return values;
}

// Where an element stands, as the server knows it.
export function whereIs(node) {
  const surface = node.closest("[data-surface]");
  const { view, channel, ts } = surface.dataset;
  return { where: view ? { view } : { channel, ts }, values: valuesIn(surface) };
}

export function markDirty(field) {
  field.dirty = true;
  const block = field.closest(".input");
  const error = block && $(".error", block);
  if (error && !error.hidden) {
    error.hidden = true;
    block.classList.remove("has-error");
    $$("[aria-invalid]", block).forEach((input) => input.removeAttribute("aria-invalid"));
  }
}

export function addChip(field, value, text) {
  const chip = document.createElement("li");
  chip.className = "chip";
  chip.dataset.value = value;
  const label = document.createElement("span");
  label.textContent = text;
  const remove = document.createElement("button");
  remove.type = "button";
  remove.className = "chip-remove";
  remove.setAttribute("aria-label", `Remove ${text}`);
  remove.textContent = "×";
  chip.append(label, remove);
  $(".chips", field).append(chip);
  return chip;
}

export function showTrouble(near, text) {
  const scope = near.closest("form, article, .home-inner");
  const place = scope && $(":scope > .trouble, :scope > .content > .trouble", scope);
  if (!place) return say(text);
  place.textContent = text;
  place.hidden = !text;
  if (text) place.scrollIntoView({ block: "nearest" });
}

// Files go to the server as they are chosen, so that submitting the form is quick.
export async function uploadFiles(field) {
  const input = $("input[type=file]", field);
  const progress = $(".progress", field);
  const error = $(".error", field.closest(".input"));
  const files = [...input.files];
  const most = Number(field.dataset.most);
  input.value = "";
  markDirty(field);
  for (const [index, file] of files.entries()) {
    if ($$(".chip", field).length >= most) {
      error.textContent = `You can add at most ${most} ${most === 1 ? "file" : "files"}.`;
      error.hidden = false;
      break;
    }
    progress.textContent = `Uploading ${file.name} (${index + 1} of ${files.length})…`;
    progress.hidden = false;
    const form = new FormData();
    const { view } = field.closest("[data-surface]").dataset;
    for (const [key, value] of Object.entries({ view, block: field.dataset.block, action: field.dataset.action })) {
      form.append(key, value);
    }
    form.append("file", file);
    const answer = await post("upload", form);
    if (answer.id) {
      addChip(field, answer.id, answer.name);
    } else {
      error.textContent = answer.trouble;
      error.hidden = false;
    }
  }
  progress.textContent = "";
  progress.hidden = true;
}
