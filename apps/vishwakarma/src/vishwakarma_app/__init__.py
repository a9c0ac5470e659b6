"""Vishwakarma on the host: documents, files, and extensions that run in sandboxes."""
