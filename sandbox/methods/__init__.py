"""The Web API's methods, by family. Importing this package registers them all."""

from sandbox.methods import chat, conversations, files, people, views

__all__ = ["chat", "conversations", "files", "people", "views"]
