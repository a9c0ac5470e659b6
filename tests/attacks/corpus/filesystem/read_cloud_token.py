# goal: read the token of a service account
# technique: filesystem
# needs: namespaces
# expect: error FileNotFoundError "[Errno 2] No such file or directory: '/var/run/secrets/kubernetes.io/serviceaccount/token'" alive
# expect[engine=wasi]: error FileNotFoundError "[Errno 44] No such file or directory: '/var/run/secrets/kubernetes.io/serviceaccount/token'" alive

open("/var/run/secrets/kubernetes.io/serviceaccount/token").read()
