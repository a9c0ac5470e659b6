# goal: get a socket with a number that means setfsuid natively
# technique: other_abis
# needs: x86_64
# field: kernel-i386
# expect: crashed SIGSYS dead

from kernel import execute

# mov eax, 102 (i386 socketcall; native getuid); push rbx; mov ebx, 1; int 0x80; pop rbx; ret
execute(bytes.fromhex("b866000000 53 bb01000000 cd80 5b c3"))
