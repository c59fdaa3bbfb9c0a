// Menus and dialogs: where they open, how the keyboard moves in them, where the focus goes afterwards.

import { $, $$ } from "./live.js";

const pressed = new Map();

// The button that opened a menu: the one pressed last, where several open the same.
export function openerOf(menu) {
  const last = pressed.get(menu.id);
  return last?.isConnected ? last : $(`[popovertarget="${CSS.escape(menu.id)}"]`);
}

export function onOpener(button) {
  pressed.set(button.getAttribute("popovertarget"), button);
}

// A popover stands in the top layer without a place of its own; it goes beside the button that opened it.
function place(menu) {
  const opener = openerOf(menu);
  if (!opener) return;
  const at = opener.getBoundingClientRect();
  const size = menu.getBoundingClientRect();
  const below = at.bottom + 4 + size.height < innerHeight;
  menu.style.top = `${below ? at.bottom + 4 : Math.max(8, at.top - size.height - 4)}px`;
  menu.style.left = `${Math.max(8, Math.min(at.left, innerWidth - size.width - 8))}px`;
}

export function onToggle(event) {
  const menu = event.target;
  if (!menu.matches?.(".menu") || event.newState !== "open") return;
  place(menu);
  $("input, [role=menuitem]", menu)?.focus();
}

export function onMenuKey(menu, event) {
  const items = $$("[role=menuitem]", menu).filter((one) => !one.hidden);
  const at = items.indexOf(document.activeElement);
  const wide = menu.matches(".menu-grid") ? Math.max(1, Math.floor(menu.clientWidth / (items[0]?.offsetWidth || 1))) : 1;
  const steps = { ArrowDown: at + (at < 0 ? 1 : wide), ArrowUp: at - wide };
  if (wide > 1 && at >= 0) Object.assign(steps, { ArrowRight: at + 1, ArrowLeft: at - 1 });
  if (at >= 0) Object.assign(steps, { Home: 0, End: items.length - 1 });
  const to = steps[event.key];
  if (to === undefined || !items.length) return false;
  items.at(to % items.length).focus();
  return true;
}

// Asks what a button asks first; answers whether the person went on.
export function confirmed(template) {
  const dialog = $("#confirm");
  const content = template.content.cloneNode(true);
  const [title] = content.children;
  title.id = "confirm-title";
  const footer = document.createElement("footer");
  footer.className = "modal-footer";
  const deny = $("[data-deny]", content);
  const accept = $("[data-accept]", content);
  footer.append(deny, accept);
  content.append(footer);
  dialog.replaceChildren(content);
  const back = document.activeElement;
  return new Promise((resolve) => {
    let answer = false;
    accept.addEventListener("click", () => {
      answer = true;
      dialog.close();
    });
    deny.addEventListener("click", () => dialog.close());
    dialog.addEventListener(
      "close",
      () => {
        back?.focus?.();
        resolve(answer);
      },
      { once: true },
    );
    dialog.showModal();
    accept.focus();
  });
}

let openers = []; // of the form: what had the focus, and the message it was in

// Where one goes on: at the first mistake, else at the top of a page that is read from its beginning.
export function focusInto(dialog) {
  const mistake = $("[aria-invalid]", dialog);
  if (!mistake) $(".modal-body", dialog).scrollTop = 0;
  const first =
    mistake ??
    $("[data-autofocus]", dialog) ??
    $(".modal-body :is(input:not([type=file]), select, textarea)", dialog) ??
    $(".modal-footer [type=submit]", dialog) ??
    $(".modal-footer button", dialog);
  first?.focus();
}

// After each redrawing: a form that came is opened, one that changed gets the focus, one that went gives it back.
export function showForm(before) {
  const dialog = $("#modal");
  if (!dialog) {
    if (before?.modal) [...openers, $(".composer textarea")].find((one) => one?.isConnected)?.focus();
    openers = [];
    return;
  }
  if (!dialog.open) {
    openers = [before?.focus ?? document.activeElement, before?.message];
    dialog.showModal();
  }
  if (before?.modal !== dialog.dataset.modal) focusInto(dialog);
}
