"""CPython for WebAssembly: built from its authors' sources, started once, and frozen."""
