# goal: read the command line in memory
# technique: proc_and_identity
# field: lang-ctypes
# needs: x86_64
# expect: ok None

import ctypes

end = ctypes.c_void_p.in_dll(ctypes.CDLL(None), "__libc_stack_end").value
count = ctypes.c_long.from_address(end).value
arguments = [
    ctypes.string_at(ctypes.c_void_p.from_address(end + 8 * (index + 1)).value).decode()
    for index in range(count)
]
[argument for argument in arguments if "ringfence" in argument or "/src" in argument]
