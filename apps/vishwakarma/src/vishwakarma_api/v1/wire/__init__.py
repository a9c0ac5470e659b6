"""The wire: what an extension and the application send each other. Not for extensions."""
