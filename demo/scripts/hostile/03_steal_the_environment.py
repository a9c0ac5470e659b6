# tries: find the API key in the host's environment
# stands: an environment of its own
# expect: ok []
import os

[name for name in os.environ if "KEY" in name or "TOKEN" in name]
