# goal: start another kernel from a file
# technique: kernel_calls
# needs: x86_64
# expect: crashed SIGSYS dead

from kernel import call

call("kexec_file_load", -1, -1, 0, b"", 0)
