# goal: find in memory the environment that the process was started with
# technique: proc_and_identity
# field: lang-ctypes
# needs: x86_64
# expect: ok None

import ctypes

# The strings of arguments and environment lie at the end of the stack, above the last frame.
end = ctypes.c_void_p.in_dll(ctypes.CDLL(None), "__libc_stack_end").value
names = set()
count = ctypes.c_long.from_address(end).value
pointer = end + 8 * (count + 2)
while address := ctypes.c_void_p.from_address(pointer).value:
    names.add(ctypes.string_at(address).split(b"=")[0].decode())
    pointer += 8
sorted(names)
