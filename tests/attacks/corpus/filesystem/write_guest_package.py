# goal: change the code that speaks for the guest
# technique: filesystem
# expect: ok 'refused' alive

try:
    with open("/ringfence/ringfence_guest/agent.py", "a") as file:
        file.write("print('planted')")
except OSError:  # the mount is read-only, or the file belongs to another user
    outcome = "refused"
else:
    outcome = "planted"
outcome
