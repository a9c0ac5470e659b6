"""Hostile frames, many of them."""
