// Brings the page from one state to another in place, so that focus, scrolling and what is typed survive.
//
// Nodes are paired by id, by data-key, or by the ids of their block and element. `data-keep="always"` is never touched;
// a bare `data-keep` only where the person has changed the field it belongs to.

// What the scripts themselves put on elements, and the page from the server knows nothing of.
const OURS = new Set(["data-busy", "aria-busy", "data-told", "style"]);
const OPENED = new Set(["DIALOG", "DETAILS"]);

function keyOf(node) {
  if (node.nodeType !== Node.ELEMENT_NODE) return null;
  if (node.id) return `#${node.id}`;
  if (node.dataset.key) return `k${node.dataset.key}`;
  if (node.dataset.block !== undefined) return `b${node.dataset.block}/${node.dataset.action}/${node.dataset.kind}`;
  return null;
}

export function isDirty(node) {
  return Boolean(node.closest(".field")?.dirty);
}

function isKept(node) {
  if (node.dataset.keep === undefined) return false;
  return node.dataset.keep === "always" || isDirty(node);
}

function isOurs(node, name) {
  if (OURS.has(name)) return true;
  if (name === "open" && OPENED.has(node.nodeName)) return true;
  if (["data-chosen", "value"].includes(name) && isDirty(node)) return true;
  const combo = node.closest(".combo");
  const open = combo && combo.contains(document.activeElement);
  return Boolean(open && ["class", "hidden", "aria-expanded", "aria-activedescendant", "aria-selected"].includes(name));
}

function syncAttributes(from, to) {
  for (const { name } of [...from.attributes]) {
    if (!to.hasAttribute(name) && !isOurs(from, name)) from.removeAttribute(name);
  }
  for (const { name, value } of to.attributes) {
    if (from.getAttribute(name) !== value && !isOurs(from, name)) from.setAttribute(name, value);
  }
}

// A control's value is no attribute: it follows the server only until the person has changed it.
function syncValue(from, to) {
  if (isDirty(from)) return;
  if (from.nodeName === "TEXTAREA") {
    if (from.value !== to.value) from.value = to.value;
  } else if (from.nodeName === "INPUT") {
    if (from.type === "checkbox" || from.type === "radio") from.checked = to.hasAttribute("checked");
    else if (from.type !== "file" && from.type !== "text") from.value = to.getAttribute("value") ?? "";
    else if (from.type === "text" && (from.role !== "combobox" || from !== document.activeElement)) from.value = to.getAttribute("value") ?? "";
  }
}

function syncChildren(from, to) {
  const known = new Map();
  for (const child of from.children) {
    const key = keyOf(child);
    if (key) known.set(key, child);
  }
  let cursor = from.firstChild;
  for (const wanted of [...to.childNodes]) {
    const key = keyOf(wanted);
    let match = null;
    if (key) {
      match = known.get(key) ?? null;
      known.delete(key);
      if (match && match.nodeName !== wanted.nodeName) match = null;
    } else {
      for (let node = cursor; node && !match; node = node.nextSibling) {
        if (node.nodeName === wanted.nodeName && keyOf(node) === null) match = node;
      }
    }
    if (!match) {
      from.insertBefore(document.importNode(wanted, true), cursor);
    } else {
      if (match === cursor) cursor = cursor.nextSibling;
      else from.insertBefore(match, cursor);
      morph(match, wanted);
    }
  }
  while (cursor) {
    const next = cursor.nextSibling;
    cursor.remove();
    cursor = next;
  }
}

export function morph(from, to) {
  if (from.nodeType !== Node.ELEMENT_NODE) {
    if (from.nodeValue !== to.nodeValue) from.nodeValue = to.nodeValue;
    return;
  }
  if (isKept(from)) return;
  syncAttributes(from, to);
  syncChildren(from, to);
  syncValue(from, to);
}
