# goal: change a parameter of the kernel
# technique: proc_and_identity
# field: kernel-proc-self-exe
# expect: error FileNotFoundError "[Errno 2] No such file or directory: '/proc/sys/kernel/core_pattern'" alive
# expect[engine=wasi]: error FileNotFoundError "[Errno 44] No such file or directory: '/proc/sys/kernel/core_pattern'" alive
# expect[no:namespaces]: error PermissionError "[Errno 1] Operation not permitted: '/proc/sys/kernel/core_pattern'" alive

open("/proc/sys/kernel/core_pattern", "w")
