// Listens to the server's word that something changed; `tell` gets the workspace's revision.

export function changes(tell) {
  const stream = new EventSource("/changes");
  stream.addEventListener("message", (event) => tell(event.data));
  // A lost connection is taken up again by the browser itself, a refused one is not.
  stream.addEventListener("error", () => {
    if (stream.readyState === EventSource.CLOSED) setTimeout(() => changes(tell), 2000);
  });
}
