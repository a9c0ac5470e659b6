# goal: make a file in the root folder
# technique: filesystem
# expect: error OSError "[Errno 30] Read-only file system: '/planted'" alive
# expect[engine=wasi]: error OSError "[Errno 69] Read-only file system: '/planted'" alive
# expect[no:namespaces]: error PermissionError "[Errno 1] Operation not permitted: '/planted'" alive

open("/planted", "w").write("x")
