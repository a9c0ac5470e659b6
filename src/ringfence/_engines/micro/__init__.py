"""The micro engine: MicroPython in WebAssembly, in the host's process; for many short calls."""
