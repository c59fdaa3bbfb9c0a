"""Alembic's environment: runs inside the connection that ``Database.upgrade`` hands over."""

from alembic import context

from models.tables import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
context.run_migrations()
