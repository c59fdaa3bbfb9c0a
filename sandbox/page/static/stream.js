// One connection for all windows of a browser: it allows only six to one server, and each holds a thread there.

import { changes } from "./changes.js";

const windows = new Set();
let newest = null;

changes((revision) => {
  newest = revision;
  for (const port of windows) port.postMessage(revision);
});

self.addEventListener("connect", ({ ports: [port] }) => {
  windows.add(port);
  port.onmessage = () => windows.delete(port); // a window's only word: that it closes
  if (newest !== null) port.postMessage(newest);
});
