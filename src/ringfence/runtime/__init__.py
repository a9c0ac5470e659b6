"""Drives a guest through the ports; knows no engine by name."""
