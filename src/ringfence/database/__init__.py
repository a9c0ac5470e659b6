"""Databases that hold what must outlive the process: SQLite as a file, or a PostgreSQL server."""
