# goal: find in memory the environment that the process was started with
# technique: proc_and_identity
# field: lang-ctypes
# needs: x86_64 module:ctypes
# expect: ok [] alive

import ctypes
import re

# The strings of arguments and environment lie at the end of the stack, above the last frame. The
# page of the first one is there; the next may not be.
end = ctypes.c_void_p.in_dll(ctypes.CDLL(None), "__libc_stack_end").value
first = ctypes.c_void_p.from_address(end + 8).value
text = ctypes.string_at(first, 4096 - first % 4096)
names = set(re.findall(rb"([A-Z][A-Z_]+)=", text))
known = (b"LC_", b"LD_", b"MALLOC_", b"MKL_", b"OMP_", b"OPENBLAS_", b"PATH")
sorted(name for name in names if not name.startswith(known))
