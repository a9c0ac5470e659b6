"""The service's audit log."""
