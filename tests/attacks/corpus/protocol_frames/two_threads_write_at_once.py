# goal: mix the frames of two threads into one that the host misreads
# technique: protocol_frames
# field: host-forged-frame
# needs: threads
# expect: crashed Protocol ~"the guest broke the protocol: .*"

import threading

from wire import output, send


def work(letter, mine, others):
    for _ in range(80):
        for number in output(letter * 100):
            mine.acquire()
            send(bytes([number]))
            others.release()


first, second = threading.Semaphore(1), threading.Semaphore(0)
threads = [
    threading.Thread(target=work, args=(b"a", first, second)),
    threading.Thread(target=work, args=(b"\xff", second, first)),
]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
