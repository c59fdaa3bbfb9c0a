// Following the workspace: the server says that something changed, the page is fetched again and morphed.

import { changes } from "./changes.js";
import { morph } from "./morph.js";

export const CONNECTING = "We had some trouble connecting. Try again?";
const base = document.body.dataset.base;
const REGIONS = ["topbar", "banner", "tour", "frame", "layer", "words"];
let newest = null;
let heading = null; // where a visit under way leads

export const $ = (selector, root = document) => root.querySelector(selector);
export const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

export function say(text) {
  $("#status").textContent = text;
}

function atBottom(scroller) {
  return scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 40;
}

function toBottom(scroller) {
  scroller.scrollTop = scroller.scrollHeight;
}

export function scrollDown() {
  $$("[data-scroll]").forEach(toBottom);
}

// Neither a picture that arrives late nor a lower window must push the newest message out of sight.
export function stayBelow() {
  window.addEventListener("resize", () => $$("[data-scroll]").forEach((one) => one.left || toBottom(one)));
  document.addEventListener("scroll", ({ target }) => (target.left = target.dataset?.scroll && !atBottom(target)), true);
  document.addEventListener(
    "load",
    ({ target }) => {
      const scroller = target.closest?.("[data-scroll]");
      if (scroller && !scroller.left) toBottom(scroller);
    },
    true,
  );
}

// Before any change: which scrollers follow the conversation, what is on top of the screen, and what has the focus.
function remember() {
  const scrolled = new Map($$("[data-scroll]").map((one) => [one.dataset.scroll, atBottom(one)]));
  const focus = document.activeElement;
  return { scrolled, modal: $("#modal")?.dataset.modal, focus, message: focus.closest("article.message") };
}

function settle(before) {
  for (const one of $$("[data-scroll]")) {
    if (before.scrolled.get(one.dataset.scroll) ?? true) toBottom(one);
  }
  document.dispatchEvent(new CustomEvent("redrawn", { detail: before }));
  // A button may be gone by what it did: one goes on at its message, and not at the top of the page.
  if (!before.focus.isConnected && document.activeElement === document.body) before.message?.focus();
}

// Fetches the page and takes over what differs. A later call overtakes an earlier one that is still under way; then the
// earlier one ends with the later, so that whoever waits finds the page as it is.
export function refresh() {
  const overtaken = () => newest !== mine;
  const mine = redraw(overtaken).then((done) => (overtaken() ? newest : done));
  newest = mine;
  return mine;
}

async function redraw(overtaken) {
  // A redrawing that overtakes a visit leads where the visit led; otherwise news from the workspace would cancel it.
  const url = heading ?? location.href;
  let response, text;
  try {
    response = await fetch(url, { headers: { Accept: "text/html" } });
    text = await response.text();
  } catch {
    if (!overtaken()) heading = null;
    return false;
  }
  if (overtaken()) return false;
  const arriving = heading !== null;
  heading = null;
  if (!response.ok) return false;
  const page = new DOMParser().parseFromString(text, "text/html");
  if (page.body.dataset.base !== base) {
    location.assign(url);
    return false;
  }
  const before = remember();
  if (arriving && response.url !== location.href) history.pushState(null, "", response.url);
  else if (response.redirected) history.replaceState(null, "", response.url);
  for (const id of REGIONS) {
    const region = document.getElementById(id);
    if (region) morph(region, page.getElementById(id));
  }
  document.title = page.title;
  settle(before);
  return true;
}

export async function visit(url) {
  heading = new URL(url, location.href).href;
  await refresh();
  document.dispatchEvent(new CustomEvent("arrived"));
}

// Every act on the server goes through here; a broken connection reads like any other trouble.
export async function post(path, body) {
  const isForm = body instanceof FormData;
  const headers = { "X-Sandbox-Page": "1" };
  if (!isForm) headers["Content-Type"] = "application/json";
  let answer;
  try {
    const response = await fetch(`${base}/${path}`, { method: "POST", headers, body: isForm ? body : JSON.stringify(body) });
    answer = response.ok ? await response.json() : { trouble: CONNECTING };
  } catch {
    answer = { trouble: CONNECTING };
  }
  // The cause is for whoever writes the app, not for whoever uses it.
  if (answer.detail) console.info(answer.detail);
  return answer;
}

export async function act(name, body = {}) {
  const answer = await post(`do/${name}`, body);
  await refresh();
  return answer;
}

let drawing = false;
let again = false;

// Changes often come in bunches: one redrawing at a time, and one more for what came meanwhile.
async function catchUp() {
  again = drawing;
  if (drawing) return;
  drawing = true;
  await refresh();
  drawing = false;
  if (again) catchUp();
}

// Two numbers: the workspace's revision, and that of what passed between app and Slack. A page names what it shows of.
function heard(revisions) {
  const now = revisions.split(" ");
  const shown = $("#frame").dataset.revision.split(" ");
  if (shown.some((one, index) => one !== now[index])) catchUp();
}

export function follow() {
  if (window.SharedWorker) {
    const { port } = new SharedWorker(new URL("./stream.js", import.meta.url), { type: "module" });
    port.onmessage = ({ data }) => heard(data);
    window.addEventListener("pagehide", () => port.postMessage("bye"));
  } else {
    changes(heard);
  }
  // Back in the browser's history, with the page as it was left: the stream said good-bye to it.
  window.addEventListener("pageshow", ({ persisted }) => persisted && location.reload());
  window.addEventListener("popstate", () => refresh().then(() => document.dispatchEvent(new CustomEvent("arrived"))));
}
