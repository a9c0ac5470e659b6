# goal: send a Decimal that costs seconds to use, after the limit in the guest was lifted
# technique: guest_agent_tampering
# trap: 8
# expect: crashed Protocol "the guest broke the protocol: a Decimal that is too long"

import decimal
import sys

for module in [m for name, m in sys.modules.items() if name.startswith("ringfence_guest.protocol")]:
    if hasattr(module, "MAX_DECIMAL_EXPONENT"):
        module.MAX_DECIMAL_EXPONENT = 10**9
decimal.Decimal("1e99999")
