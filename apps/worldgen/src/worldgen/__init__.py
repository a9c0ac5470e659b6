"""Procedural worlds, made by plugins that strangers wrote."""
