# goal: talk to a device
# technique: signals
# needs: x86_64
# expect: crashed SIGSEGV dead

from kernel import execute

# mov dx, 0x64; in al, dx
execute(bytes.fromhex("66ba6400 ec c3"))
