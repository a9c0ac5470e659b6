# goal: write to memory through /proc
# technique: proc_and_identity
# field: kernel-proc-self-exe
# expect: error FileNotFoundError "[Errno 2] No such file or directory: '/proc/self/mem'" alive
# expect[engine=wasi]: error FileNotFoundError "[Errno 44] No such file or directory: '/proc/self/mem'" alive
# expect[no:namespaces]: error PermissionError "[Errno 1] Operation not permitted: '/proc/self/mem'" alive

open("/proc/self/mem", "r+b")
