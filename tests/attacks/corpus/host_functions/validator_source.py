# goal: reach a class that imports what its text names (pydantic's ImportString)
# technique: host_functions
# trap: 8
# functions: echo echo_list
# expect: ok 'os.system'

echo("os.system")
