"""Guests that are lent over a WebSocket: the service's end of the remote engine."""
