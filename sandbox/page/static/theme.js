// Light or dark: as the system says, until the person chooses here. Runs before the first paint, so that nothing flashes.

{
  const root = document.documentElement;
  const known = () => localStorage.getItem("theme");
  const show = () => (known() ? (root.dataset.theme = known()) : delete root.dataset.theme);
  show();
  window.addEventListener("storage", show); // every window of a browser looks alike
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-theme-switch]")) return;
    const isDark = getComputedStyle(root).colorScheme === "dark" || (!known() && matchMedia("(prefers-color-scheme: dark)").matches);
    localStorage.setItem("theme", isDark ? "light" : "dark");
    show();
  });
}
