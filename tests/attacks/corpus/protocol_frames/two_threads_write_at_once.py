# goal: mix the frames of two threads into one that the host misreads
# technique: protocol_frames
# field: host-forged-frame
# needs: threads
# expect: crashed Protocol ~"the guest broke the protocol: .*"

import threading

from wire import output, send


def work(letter):
    for _ in range(200):
        for number in output(letter * 100):
            send(bytes([number]))


threads = [threading.Thread(target=work, args=(letter,)) for letter in (b"a", b"\xff")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
