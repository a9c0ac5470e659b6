# goal: start a program from machine code, past every check of the interpreter
# technique: other_abis
# needs: x86_64
# field: lang-ctypes
# expect: crashed SIGSYS dead

from kernel import execute

# mov eax, 59; xor edi, edi; xor esi, esi; xor edx, edx; syscall; ret
execute(bytes.fromhex("b83b000000 31ff 31f6 31d2 0f05 c3"))
