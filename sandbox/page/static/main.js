// Wires the page: every event is heard once, on the document, so that redrawing needs no rewiring.

import * as combo from "./combo.js";
import * as composer from "./composer.js";
import { markDirty, showTrouble, uploadFiles, valueOf, valuesIn, whereIs } from "./fields.js";
import { $, $$, act, follow, followPictures, scrollDown, visit } from "./live.js";
import { beside, keepTime } from "./beside.js";
import { confirmed, onMenuKey, onToggle, showForm } from "./menus.js";

const TYPED = "input:not([type=checkbox], [type=radio], [type=file], [type=date], [type=time]), textarea";
const comboOf = (node) => node.closest?.(".combo");

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

async function press(button) {
  const wires = button.closest(".press");
  const question = $("template[data-confirm]", wires);
  button.closest("[popover]")?.hidePopover();
  if (question && !(await confirmed(question))) return;
  const { block, action } = wires.dataset;
  const choice = button.dataset.press;
  const shown = button.closest("[popover]") ? $("[popovertarget]", wires) : button;
  await waiting(shown, () => act("press", { ...whereIs(wires), block, action, choice }));
}

async function choose(field) {
  const question = $("template[data-confirm]", field);
  if (question && !(await confirmed(question))) return;
  const { block, action } = field.dataset;
  await waiting(field, () => act("choose", { ...whereIs(field), block, action, choice: valueOf(field) }));
}

async function submit(form) {
  const button = $("[type=submit]", form);
  const view = form.dataset.view;
  const answer = await waiting(button, () => act("submit", { view, values: valuesIn(form) }));
  if (answer?.errors) $("#modal [aria-invalid]")?.focus();
}

async function shortcut(button) {
  const { shortcut: name, channel, ts } = button.dataset;
  const home = $(`[popovertarget="${CSS.escape(button.closest("[popover]").id)}"]`);
  button.closest("[popover]").hidePopover();
  home.focus();
  await waiting(home, () => act("shortcut", { shortcut: name, channel, ts }));
}

const closeForm = (name) => act(name, { view: $("#modal")?.dataset.modal });

document.addEventListener("click", (event) => {
  const hit = (selector) => event.target.closest(selector);
  const link = hit("a[data-visit]");
  if (link && !event.metaKey && !event.ctrlKey && !event.shiftKey) {
    event.preventDefault();
    visit(link.href);
  } else if (hit("[data-press]")) press(hit("[data-press]"));
  else if (hit("[data-shortcut]")) shortcut(hit("[data-shortcut]"));
  else if (hit("[data-beside]")) beside(hit("[data-beside]"));
  else if (hit("[data-close]")) closeForm("close");
  else if (hit("[data-close-all]")) closeForm("close-all");
  else if (hit(".field .chip-remove")) combo.removeChip(hit(".chip"));
  else if (hit(".listbox [role=option]")) combo.choose(comboOf(event.target), hit("[role=option]"));
  else if (hit(".combo-box")) $("input", hit(".combo")).focus();
  else if (hit(".suggestions [role=option]")) composer.take(hit("form"), hit("[role=option]"));
  else if (hit(".show-sidebar")) toggleSidebar();
});

function toggleSidebar(open = !document.body.classList.contains("sidebar-open")) {
  document.body.classList.toggle("sidebar-open", open);
  $(".show-sidebar").setAttribute("aria-expanded", String(open));
}

// A list must not take the focus from the box it belongs to.
document.addEventListener("mousedown", (event) => {
  if (event.target.closest(".listbox, .suggestions")) event.preventDefault();
  else if (comboOf(event.target)?.contains(document.activeElement)) combo.open(comboOf(event.target));
});
document.addEventListener("focusin", (event) => {
  if (event.target.role === "combobox") combo.open(comboOf(event.target));
});
document.addEventListener("focusout", (event) => {
  if (event.target.role === "combobox") combo.close(comboOf(event.target));
});

document.addEventListener("keydown", (event) => {
  const menu = event.target.closest(".menu");
  const form = event.target.closest(".composer");
  const field = event.target.closest(".field");
  let ours = false;
  if (menu) ours = onMenuKey(menu, event);
  else if (event.target.role === "combobox") ours = combo.onKey(comboOf(event.target), event);
  else if (form && event.target.matches("textarea")) ours = composer.onKey(form, event);
  else if (field?.dataset.dispatch?.includes("on_enter_pressed") && event.key === "Enter" && !event.shiftKey) {
    if (event.target.matches(TYPED)) {
      ours = true;
      choose(field);
    }
  }
  if (ours) event.preventDefault();
});

let typing = null;
document.addEventListener("input", (event) => {
  const form = event.target.closest(".composer");
  const field = event.target.closest(".field");
  if (form && event.target.matches("textarea")) composer.onInput(form);
  else if (event.target.role === "combobox") combo.open(comboOf(event.target));
  else if (field) {
    markDirty(field);
    if (field.dataset.dispatch?.includes("on_character_entered") && event.target.matches(TYPED)) {
      clearTimeout(typing);
      typing = setTimeout(() => choose(field), 300);
    }
  }
});

document.addEventListener("change", (event) => {
  const form = event.target.closest(".composer");
  const field = event.target.closest(".field");
  if (form && event.target.type === "file") {
    composer.attach(form, event.target.files);
    event.target.value = "";
  } else if (field?.dataset.kind === "file_input") uploadFiles(field);
  else if (field && field.dataset.dispatch !== undefined && !event.target.matches(TYPED)) choose(field);
});

document.addEventListener("submit", (event) => {
  event.preventDefault();
  if (event.target.matches(".composer")) composer.send(event.target);
  else if (event.target.dataset.view) submit(event.target);
});

// Escape in a form closes it on the server; the page follows.
document.addEventListener(
  "cancel",
  (event) => {
    if (event.target.id !== "modal") return;
    event.preventDefault();
    closeForm("close");
  },
  true,
);
document.addEventListener("toggle", onToggle, true);

function markRead() {
  const { channel, unread } = $("#frame").dataset;
  if (channel && Number(unread) > 0 && document.visibilityState === "visible") act("read", { channel });
}

// The app hears that its Home or its messages were opened, as it does in Slack.
function arrived() {
  const { place, tab } = $("#frame").dataset;
  toggleSidebar(false);
  if (place === "app") act("open", { tab });
  if (!$("#modal") && matchMedia("(hover: hover)").matches) $$(".composer textarea").at(-1)?.focus();
}

document.addEventListener("redrawn", (event) => {
  composer.restore();
  showForm(event.detail);
  markRead();
});
document.addEventListener("arrived", arrived);
document.addEventListener("visibilitychange", markRead);

composer.restore();
scrollDown();
followPictures();
$(".who [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
showForm(null);
follow();
keepTime();
markRead();
arrived();
document.documentElement.dataset.ready = "";
