"""Attacks: programs that try what they must not, and the exact verdict that each must get."""
