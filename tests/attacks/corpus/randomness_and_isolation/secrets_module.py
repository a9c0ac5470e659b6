# goal: know another guest's tokens
# technique: randomness_and_isolation
# twice: differ
# trap: 1
# expect: ok ~r"\['[0-9a-f]{32}', '[\w-]{22}', \d+\]" alive

import secrets

[secrets.token_hex(16), secrets.token_urlsafe(16), secrets.randbelow(1 << 62)]
