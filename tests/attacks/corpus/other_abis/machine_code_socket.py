# goal: get a socket from machine code
# technique: other_abis
# needs: x86_64
# field: lang-ctypes
# expect: ok 'EPERM' alive

from kernel import execute

# mov eax, 41; mov edi, 2; mov esi, 1; xor edx, edx; syscall; ret
execute(bytes.fromhex("b829000000 bf02000000 be01000000 31d2 0f05 c3"))
