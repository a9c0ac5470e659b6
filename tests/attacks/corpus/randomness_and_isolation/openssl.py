# goal: know another guest's random numbers from OpenSSL
# technique: randomness_and_isolation
# twice: differ
# trap: 1
# needs: landlock module:ssl
# expect: ok ~r"b'.*'|b\".*\"" alive

import ssl

ssl.RAND_bytes(16)
