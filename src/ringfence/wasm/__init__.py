"""The one room that knows Wasmtime: engine configuration, imports, memory access, interrupts."""
