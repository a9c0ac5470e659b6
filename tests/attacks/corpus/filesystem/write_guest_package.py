# goal: change the code that speaks for the guest
# technique: filesystem
# expect: error PermissionError "[Errno 13] Permission denied: '/ringfence/ringfence_guest/agent.py'" alive
# expect[no:namespaces]: error PermissionError "[Errno 1] Operation not permitted: '/ringfence/ringfence_guest/agent.py'" alive

open("/ringfence/ringfence_guest/agent.py", "a").write("print('planted')")
