# goal: have an object taken for an instance of one of the host's classes by its name
# technique: host_functions
# trap: 8
# functions: echo_time
# expect: error TypeError "echo_time(): args.value: expected datetime, got an object of type 'datetime' that cannot cross"

Evil = type("datetime", (), {"__module__": "datetime", "__repr__": lambda self: "datetime.datetime.now()"})
echo_time(Evil())
