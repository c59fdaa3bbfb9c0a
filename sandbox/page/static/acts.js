// What a person does to the app's blocks and forms, each act waiting for the app as Slack's client does.

import { showTrouble, valueOf, valuesIn, whereIs } from "./fields.js";
import { $, act, refresh } from "./live.js";
import { confirmed, focusInto, openerOf } from "./menus.js";

// Runs an act that waits for the app, with the button that began it showing so.
async function waiting(button, run) {
  if (button.dataset.busy !== undefined) return undefined;
  button.dataset.busy = "";
  button.setAttribute("aria-busy", "true");
  showTrouble(button, "");
  const answer = await run();
  delete button.dataset.busy;
  button.removeAttribute("aria-busy");
  if (answer?.trouble && button.isConnected) showTrouble(button, answer.trouble);
  return answer;
}

export async function press(button) {
  const wires = button.closest(".press");
  const question = $("template[data-confirm]", wires);
  button.closest("[popover]")?.hidePopover();
  if (question && !(await confirmed(question))) return;
  const { block, action } = wires.dataset;
  const choice = button.dataset.press;
  const shown = button.closest("[popover]") ? $("[popovertarget]", wires) : button;
  await waiting(shown, () => act("press", { ...whereIs(wires), block, action, choice }));
}

export async function choose(field) {
  const question = $("template[data-confirm]", field);
  if (question && !(await confirmed(question))) {
    field.dirty = false; // turned down: what the server knows stands there again
    await refresh();
    return;
  }
  const { block, action } = field.dataset;
  await waiting(field, () => act("choose", { ...whereIs(field), block, action, choice: valueOf(field) }));
}

export async function submit(form) {
  const button = $("[type=submit]", form);
  const view = form.dataset.view;
  const here = document.activeElement;
  const answer = await waiting(button, () => act("submit", { view, values: valuesIn(form) }));
  // The form is still there, with mistakes in it or with its next page; whoever was quicker has gone on in it already.
  if (answer?.errors && [here, document.body].includes(document.activeElement)) focusInto($("#modal"));
}

export async function shortcut(button) {
  const { shortcut: name, channel, ts } = button.dataset;
  const home = openerOf(button.closest("[popover]"));
  button.closest("[popover]").hidePopover();
  home.focus();
  await waiting(home, () => act("shortcut", { shortcut: name, channel, ts }));
}

export const closeForm = (name) => act(name, { view: $("#modal")?.dataset.modal });
