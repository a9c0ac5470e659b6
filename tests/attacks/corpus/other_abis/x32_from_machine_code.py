# goal: call through the x32 ABI from machine code
# technique: other_abis
# needs: x86_64
# field: kernel-x32
# expect: crashed SIGSYS dead

from kernel import execute

# mov eax, 0x40000027 (x32 getpid); syscall; ret
execute(bytes.fromhex("b827000040 0f05 c3"))
