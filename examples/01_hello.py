"""Run one piece of untrusted code, and look at what came of it.

Each call of ``run`` starts a fresh guest and ends it. No argument means: nothing is granted, and
every limit is finite.

Prints::

    status: ok
    stdout: 4950
    value: {'largest': 99}
    engine: native
    walls: landlock, namespaces, seccomp
    network: denied
"""

import ringfence

result = ringfence.run("""
print(sum(range(100)))
{"largest": max(range(100))}      # the value of the last expression is the value of the result
""")

print("status:", result.status)
print("stdout:", result.stdout.strip())
print("value:", result.value)
print("engine:", result.engine)
print("walls:", ", ".join(sorted(result.walls)))

result = ringfence.run("import socket; socket.create_connection(('192.0.2.1', 80))")
print("network:", "denied" if result.error and result.error.type == "PermissionError" else result)
