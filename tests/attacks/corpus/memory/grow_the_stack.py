# goal: enlarge a mapping that the kernel takes for a stack
# technique: memory
# limits: memory=64MiB
# trap: 4
# expect: ok 'ENOMEM' alive

import ctypes

from kernel import call

# A page of the main thread's stack, moved away and enlarged: VM_STACK pages are not data.
here = ctypes.c_char()
page = ctypes.addressof(here)
marker = call("mmap", 0, 4096, 3, 0x22, -1, 0)
libc = ctypes.CDLL(None)
stack = ctypes.c_void_p.in_dll(libc, "__libc_stack_end").value
low = (stack & ~0xFFF) - 0x400000
taken = 0
# The kernel grows the stack down to what is touched.
ctypes.memset(low, 1, 4096)
new = call("mremap", low, 4096, 1 << 30, 1)
f"enlarged to {new:#x}" if isinstance(new, int) else new
