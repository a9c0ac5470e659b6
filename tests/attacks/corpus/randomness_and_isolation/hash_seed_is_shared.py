# goal: know the hash seed of another guest: it is one for all guests of an image, as SECURITY.md says
# technique: randomness_and_isolation
# twice: equal
# trap: 17
# expect: ok ~r"-?\d+" alive

hash("a")
