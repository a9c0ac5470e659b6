# goal: read the scratch files of the sandbox beside this one
# technique: randomness_and_isolation
# needs: disk
# expect: error FileNotFoundError "[Errno 2] No such file or directory: '/box/tmp/secret'" alive
# expect[engine=wasi]: error FileNotFoundError "[Errno 44] No such file or directory: '/box/tmp/secret'" alive

open("/box/tmp/secret").read()
