"""What runs inside a guest, and what both sides of the wall speak.

Standard library only. Nothing here may import :mod:`ringfence`: this package is all that a guest
process, a WebAssembly image or a remote worker carries.
"""
