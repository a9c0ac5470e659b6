# goal: patch the standard library for the next guest
# technique: filesystem
# needs: engine=wasi
# twice: equal
# expect: ok 3 alive

import json
import json.decoder

found = getattr(json, "planted", 3)
json.planted = 4
json.loads = None
json.decoder.JSONDecoder.decode = None
found
