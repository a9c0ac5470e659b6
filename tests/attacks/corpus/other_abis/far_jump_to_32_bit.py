# goal: switch the processor to 32-bit code, then call as i386
# technique: other_abis
# needs: x86_64
# field: kernel-i386
# expect: crashed SIGSYS dead

from kernel import call, execute

# The page must lie below 4 GiB: 32-bit code has no higher addresses.
low = call("mmap", 0x10000000, 4096, 7, 0x32, -1, 0)
assert low == 0x10000000, low
import ctypes

# 32-bit: mov eax, 20 (getpid); int 0x80; then hlt
ctypes.memmove(low, bytes.fromhex("b814000000cd80f4"), 8)
# 64-bit: push 0x23 (the 32-bit code segment); push low; retf
execute(bytes.fromhex("6a23 6800000010 48cb"))
