# goal: divide by zero in machine code
# technique: signals
# needs: x86_64
# expect: crashed SIGFPE dead

from kernel import execute

# xor edx, edx; mov eax, 1; xor ecx, ecx; div ecx
execute(bytes.fromhex("31d2 b801000000 31c9 f7f1"))
