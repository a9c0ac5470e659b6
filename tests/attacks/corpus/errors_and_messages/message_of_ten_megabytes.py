# goal: fill the host's memory and log with one message
# technique: errors_and_messages
# field: host-long-error
# expect: error ValueError ~"x{4096}\\n… 9991808 characters left out …\\nx{4096}"

raise ValueError("x" * 10_000_000)
