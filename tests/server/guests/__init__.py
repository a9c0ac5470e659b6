"""Guests that a service lends over WebSockets."""
