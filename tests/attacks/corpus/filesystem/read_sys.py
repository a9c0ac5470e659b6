# goal: read what the kernel says about the machine
# technique: filesystem
# needs: namespaces
# expect: error FileNotFoundError "[Errno 2] No such file or directory: '/sys/class/dmi/id/product_name'" alive
# expect[engine=wasi]: error FileNotFoundError "[Errno 44] No such file or directory: '/sys/class/dmi/id/product_name'" alive

open("/sys/class/dmi/id/product_name").read()
