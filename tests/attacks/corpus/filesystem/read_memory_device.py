# goal: read the machine's memory
# technique: filesystem
# needs: namespaces
# expect: error FileNotFoundError "[Errno 2] No such file or directory: '/dev/mem'" alive
# expect[engine=wasi]: error FileNotFoundError "[Errno 44] No such file or directory: '/dev/mem'" alive

open("/dev/mem", "rb").read(16)
