"""Which walls stand on this machine, and which mechanism enforces what.

Prints::

    native: landlock, namespaces, seccomp
    memory: RLIMIT_DATA and RLIMIT_AS
    processes: seccomp: no fork, no exec; RLIMIT_NPROC and a PID namespace of its own
    a weaker set, by name: namespaces, seccomp
    a set that nobody has: native: none of the accepted sets of walls is one of its own
"""

import ringfence

native = ringfence.engines()["native"]
strongest = native.availability.walls[0]  # found by trying, strongest first
print("native:", ", ".join(sorted(strongest)))

result = ringfence.run("1 + 1", engine="native")
for limit in ["memory", "processes"]:
    print(f"{limit}:", result.enforced[limit])

# A weaker set of walls stands only where the caller accepts it by name.
policy = ringfence.Policy(walls=[{"namespaces", "seccomp"}])
weaker = ringfence.run("1 + 1", engine="native", policy=policy)
print("a weaker set, by name:", ", ".join(sorted(weaker.walls)))

try:
    ringfence.run("1 + 1", engine="native", policy=ringfence.Policy(walls=[{"v8"}]))
except ringfence.PolicyNotEnforceable as error:
    print("a set that nobody has:", str(error).rpartition(":")[0])
