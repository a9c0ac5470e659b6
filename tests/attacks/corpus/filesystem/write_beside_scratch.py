# goal: make a file beside the scratch folder
# technique: filesystem
# expect: error OSError "[Errno 30] Read-only file system: '/box/planted'" alive
# expect[engine=wasi]: error OSError "[Errno 69] Read-only file system: '/box/planted'" alive
# expect[no:namespaces]: error PermissionError "[Errno 1] Operation not permitted: '/box/planted'" alive

open("/box/planted", "w").write("x")
