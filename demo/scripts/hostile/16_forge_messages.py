# tries: speak the host's protocol itself, with lengths that lie
# stands: strict decoding: nothing that a guest sends is believed
# expect: crashed Protocol
import os

os.write(3, b"\xff" * 4096)
