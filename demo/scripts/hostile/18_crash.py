# tries: crash the interpreter, and whoever lives in the same process
# stands: a process of its own
# expect: crashed SIGSEGV
import ctypes

ctypes.string_at(1)
