"""The wasi engine: CPython as a WebAssembly module, in a worker process of each guest's own."""
