"""The clients of a service."""
