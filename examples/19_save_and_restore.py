"""A session is saved as bytes, and restored in another sandbox: data, functions, classes.

What cannot be saved is listed, and the bytes are sealed: changed ones are refused.

Prints::

    saved: json, Account, account, total
    not saved: waiting (generator): TypeError: cannot pickle 'generator' object
    account: Account, {"owner": "Ada", "cents": 1250}
    total: 12.5
    tampered: the saved state was changed after it was sealed
    context: the saved state belongs to another context: 'tenant' is another
"""

import secrets

import ringfence

KEY = secrets.token_bytes(32)  # whoever has it can make saves: keep it as you keep passwords

with ringfence.Sandbox() as box:
    box.run("""
import json

class Account:
    def __init__(self, owner, cents):
        self.owner, self.cents = owner, cents

    def __repr__(self):
        return json.dumps(vars(self))

account = Account("Ada", 1250)

def total():
    return account.cents / 100

waiting = (step for step in range(3))
""").raise_for_status()
    state = box.save(key=KEY, context={"tenant": "a"})

print("saved:", ", ".join(state.names))
for lost in state.lost:
    print(f"not saved: {lost.name} ({lost.type}): {lost.reason}")

# Later, perhaps in another process, with another version of Python in the guest. The sandbox gets
# the limits and functions that are given here; none come with the bytes.
with ringfence.Sandbox.restore(state, key=KEY, context={"tenant": "a"}) as box:
    account = box.variables()["account"]
    print(f"account: {account.type}, {account.summary}")
    print("total:", box.call("total").value)

changed = state[:200] + bytes([state[200] ^ 1]) + state[201:]
for data, tenant in ((changed, "a"), (state, "b")):
    try:
        ringfence.Sandbox.restore(data, key=KEY, context={"tenant": tenant})
    except ringfence.StateRefused as refused:
        print(f"{refused.reason}: {refused}")
