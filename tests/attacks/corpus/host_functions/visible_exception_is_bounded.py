# goal: have the host send a message back that is as long as the guest likes
# technique: host_functions
# trap: 9
# functions: fail_visibly
# expect: ok 4096

try:
    fail_visibly("x" * 10_000_000)
except HostFunctionError as error:
    size = len(str(error))
size
