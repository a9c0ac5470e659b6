# goal: break the host with a message that is no valid text
# technique: host_functions
# field: host-utf8
# functions: fail_visibly
# expect: error HostFunctionError "refused: \ud800"

fail_visibly("\ud800")
