# goal: read the kernel's log
# technique: filesystem
# needs: namespaces
# expect: error FileNotFoundError "[Errno 2] No such file or directory: '/dev/kmsg'" alive
# expect[engine=wasi]: error FileNotFoundError "[Errno 44] No such file or directory: '/dev/kmsg'" alive

open("/dev/kmsg", "rb").read(16)
