# goal: read a connection string in the message of the host's exception
# technique: host_functions
# trap: 9
# functions: fail
# expect: error HostFunctionError "fail"

fail("x")
