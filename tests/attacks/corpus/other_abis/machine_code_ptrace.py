# goal: trace the launcher from machine code
# technique: other_abis
# needs: x86_64
# field: lang-ctypes, kernel-ptrace
# expect: crashed SIGSYS dead

from kernel import execute

# mov eax, 101; mov edi, 16; mov esi, 1; xor edx, edx; syscall; ret
execute(bytes.fromhex("b865000000 bf10000000 be01000000 31d2 0f05 c3"))
