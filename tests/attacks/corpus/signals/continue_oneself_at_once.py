# goal: undo the host's pause between turns, before every thread has stopped
# technique: signals
# trap: 11
# field: step-ignore-signals
# needs: threads, x86_64
# expect: ok 'idle' alive

import ctypes
import os
import struct
import threading
import time

from kernel import call

# again: mov eax, 234 (tgkill); mov edi, pid; mov esi, thread; mov edx, 18 (SIGCONT); syscall; jmp again
code = b"\xb8\xea\0\0\0\xbf" + struct.pack("I", os.getpid())
code += b"\xbe" + struct.pack("I", call("gettid")) + b"\xba\x12\0\0\0\x0f\x05"
code += b"\xeb" + struct.pack("b", -(len(code) + 2))
page = call("mmap", 0, 4096, 7, 0x22, -1, 0)
ctypes.memmove(page, code, len(code))
spin = ctypes.CFUNCTYPE(None)(page)
for _ in range(4):
    threading.Thread(target=spin, daemon=True).start()
before = time.process_time()
# --- next turn after 1 s
used = time.process_time() - before
"idle" if used < 0.3 else "computed between turns"
