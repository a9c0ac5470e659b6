"""MicroPython for WebAssembly, from its authors' npm package: fetched by hash, compiled, kept."""
