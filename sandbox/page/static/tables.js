// Data tables: sorted by any column, both ways, and in pages. The order is the reader's own and outlives a redrawing.

import { $, $$ } from "./live.js";

const key = (cell) => (cell.dataset.value === undefined ? cell.textContent.trim() : Number(cell.dataset.value));

function compare(one, other) {
  if (typeof one === "number" && typeof other === "number") return one - other;
  return String(one).localeCompare(String(other), undefined, { numeric: true });
}

function draw(block) {
  const { column = null, down = false, page = 0 } = block.view ?? {};
  const size = Number(block.dataset.table);
  const rows = $$("tr[data-row]", block);
  const inOrder = (a, b) => a.dataset.row - b.dataset.row;
  const bySort = (a, b) => compare(key(a.cells[column]), key(b.cells[column])) * (down ? -1 : 1) || inOrder(a, b);
  rows.sort(column === null ? inOrder : bySort);
  $("tbody", block).append(...rows);
  rows.forEach((row, at) => (row.hidden = at < page * size || at >= (page + 1) * size));
  $$("th[scope=col]", block).forEach((head, at) => {
    if (at === column) head.setAttribute("aria-sort", down ? "descending" : "ascending");
    else head.removeAttribute("aria-sort");
  });
  const pager = $(".pager", block);
  if (!pager) return;
  $("[data-shown]", pager).textContent = `${page * size + 1}–${Math.min(rows.length, (page + 1) * size)} of ${rows.length}`;
  $("[data-page='-1']", pager).disabled = page === 0;
  $("[data-page='1']", pager).disabled = (page + 1) * size >= rows.length;
}

// Ascending, descending, and then as the app sent it.
export function sort(button) {
  const block = button.closest("[data-table]");
  const column = Number(button.dataset.sort);
  const before = block.view ?? {};
  if (before.column !== column) block.view = { column };
  else block.view = before.down ? {} : { column, down: true };
  draw(block);
}

export function turn(button) {
  const block = button.closest("[data-table]");
  block.view = { ...block.view, page: (block.view?.page ?? 0) + Number(button.dataset.page) };
  draw(block);
}

export function redraw() {
  for (const block of $$("[data-table]")) if (block.view) draw(block);
}
