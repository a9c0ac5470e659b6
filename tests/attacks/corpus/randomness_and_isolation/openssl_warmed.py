# goal: know another guest's random numbers from an OpenSSL that has served before
# technique: randomness_and_isolation
# twice: differ
# trap: 1
# needs: landlock module:ssl
# expect: ok ~r"\['.*'\]" alive

import ssl

[ssl.RAND_bytes(8).hex() for _ in range(3)]
