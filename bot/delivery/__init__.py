"""Telling Slack what the outbox holds: each row's words are made here, from the database as it then stands."""
