# goal: read address 0, which is memory in WebAssembly
# technique: signals
# needs: engine=wasi
# expect: ok True alive

import faulthandler

faulthandler._read_null()
True
