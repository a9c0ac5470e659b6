"""Elements as pictures and as surfaces: what the application and its own extensions draw with.

Standard library only: it runs on the host and in guests.
"""
