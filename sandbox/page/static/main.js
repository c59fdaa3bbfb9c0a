// Wires the page: every event is heard once, on the document, so that redrawing needs no rewiring.

import { choose, closeForm, press, shortcut, submit } from "./acts.js";
import { beside, keepTime } from "./beside.js";
import * as combo from "./combo.js";
import * as composer from "./composer.js";
import { markDirty, uploadFiles } from "./fields.js";
import { $, $$, act, follow, scrollDown, stayBelow, visit } from "./live.js";
import { onMenuKey, onOpener, onToggle, showForm } from "./menus.js";
import * as messages from "./messages.js";
import * as suggestions from "./suggest.js";
import * as tables from "./tables.js";

const TYPED = "input:not([type=checkbox], [type=radio], [type=file], [type=date], [type=time]), textarea";
const comboOf = (node) => node.closest?.(".combo");

document.addEventListener("click", (event) => {
  const hit = (selector) => event.target.closest(selector);
  const link = hit("a[data-visit]");
  if (hit("[popovertarget]")) onOpener(hit("[popovertarget]"));
  if (link && !event.metaKey && !event.ctrlKey && !event.shiftKey) {
    event.preventDefault();
    visit(link.href);
  } else if (hit("[data-press]")) press(hit("[data-press]"));
  else if (hit("[data-shortcut]")) shortcut(hit("[data-shortcut]"));
  else if (hit("[data-react]")) messages.react(hit("[data-react]"));
  else if (hit("[data-sort]")) tables.sort(hit("[data-sort]"));
  else if (hit("[data-page]")) tables.turn(hit("[data-page]"));
  else if (hit("[data-edit]")) messages.edit(hit("[data-edit]"));
  else if (hit("[data-delete]")) messages.remove(hit("[data-delete]"));
  else if (hit("[data-beside]")) beside(hit("[data-beside]"));
  else if (hit("[data-close]")) closeForm("close");
  else if (hit("[data-close-all]")) closeForm("close-all");
  else if (hit(".field .chip-remove")) combo.removeChip(hit(".chip"));
  else if (hit(".listbox [role=option]")) combo.choose(comboOf(event.target), hit("[role=option]"));
  else if (hit(".combo-box")) combo.open(hit(".combo"));
  else if (hit(".suggestions [role=option]")) suggestions.take(hit("form"), hit("[role=option]"));
  else if (hit(".show-sidebar")) toggleSidebar();
});

function toggleSidebar(open = !document.body.classList.contains("sidebar-open")) {
  document.body.classList.toggle("sidebar-open", open);
  $(".show-sidebar").setAttribute("aria-expanded", String(open));
}

// A list must not take the focus from the box it belongs to.
document.addEventListener("mousedown", (event) => {
  if (event.target.closest(".listbox, .suggestions")) event.preventDefault();
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
  else if (event.target.matches(".tools > .tool")) ours = messages.onToolKey(event.target, event);
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
  else if (event.target.closest("#emoji")) messages.filterEmoji(event.target);
  else if (event.target.role === "combobox") combo.search(comboOf(event.target));
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

// Files are dropped anywhere on a conversation, or pasted into its composer.
const dropped = (event) => event.dataTransfer?.types.includes("Files") && composer.composerAt(event.target);
for (const kind of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(kind, (event) => {
    const form = dropped(event);
    if (!form) return;
    form.closest(".main, .thread").classList.toggle("dropping", kind === "dragover");
    if (kind !== "dragleave") event.preventDefault();
    if (kind === "drop") composer.attach(form, event.dataTransfer.files);
  });
}
document.addEventListener("paste", (event) => {
  const form = event.target.closest(".composer");
  if (form && event.clipboardData.files.length) composer.attach(form, event.clipboardData.files);
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

// The line over what is new stays until one leaves the conversation, though it counts as read at once.
let newFrom = "";
let lookedAt = null;
function lineOverNews() {
  for (const one of $$("#messages .message")) one.classList.toggle("new-from", one.dataset.message === newFrom);
}

function markRead() {
  const { channel, unread } = $("#frame").dataset;
  if (channel && Number(unread) > 0 && document.visibilityState === "visible") act("read", { channel });
}

// The app hears that its Home or its messages were opened, as it does in Slack.
function arrived() {
  const { place, tab, channel, news } = $("#frame").dataset;
  toggleSidebar(false);
  if (channel !== lookedAt) newFrom = news;
  lookedAt = channel;
  lineOverNews();
  if (place === "app") act("open", { tab });
  if (!$("#modal") && matchMedia("(hover: hover)").matches) $$(".composer textarea").at(-1)?.focus();
}

// For whoever writes the app; the tests listen to it.
function reportUnknown() {
  for (const one of $$(".unknown:not([data-told])")) {
    one.dataset.told = "";
    console.error(one.textContent);
  }
}

document.addEventListener("redrawn", (event) => {
  reportUnknown();
  composer.restore();
  tables.redraw();
  lineOverNews();
  showForm(event.detail);
  markRead();
});
document.addEventListener("arrived", arrived);
document.addEventListener("visibilitychange", markRead);

composer.restore();
reportUnknown();
scrollDown();
stayBelow();
$(".who [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
showForm(null);
follow();
keepTime();
markRead();
arrived();
document.documentElement.dataset.ready = "";
