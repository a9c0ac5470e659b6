"""Databases that hold what must outlive the process: SQLite as a file, or a PostgreSQL server.

What the workshop's store and the service's have in common, and what knows nothing of either. A
module is imported by its own name: the chain needs no SQLAlchemy.
"""
