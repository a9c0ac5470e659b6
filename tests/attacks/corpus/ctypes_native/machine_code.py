# goal: make system calls from machine code of one's own, past every hook of Python
# technique: ctypes_native
# field: lang-ctypes
# needs: x86_64
# expect: ok 'EPERM'

from kernel import execute

execute(b"\xb8\x39\0\0\0\x0f\x05\xc3")  # mov eax, 57 (fork); syscall; ret
