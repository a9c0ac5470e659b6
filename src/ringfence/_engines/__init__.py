"""Engines: ways to run a guest. Peers, found by entry point, that do not know each other."""
