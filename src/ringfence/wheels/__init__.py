"""Wheels given by path: read as hostile input, checked, and put together for a guest.

The format: https://packaging.python.org/specifications/binary-distribution-format/
"""
