"""One file per conversation: its words, its form, its handlers. ``CONVERSATIONS`` is what the app listens to."""
