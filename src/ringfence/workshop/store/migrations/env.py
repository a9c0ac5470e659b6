"""What Alembic runs to migrate: on the connection that it was given, in its transaction."""

from __future__ import annotations

from alembic import context

from ringfence.workshop.store.models import Base

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=Base.metadata)
context.run_migrations()
