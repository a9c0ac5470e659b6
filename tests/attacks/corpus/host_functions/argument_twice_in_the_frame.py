# goal: name one argument twice in a frame
# technique: host_functions
# field: host-forged-frame
# functions: echo
# expect: ok True

from wire import agent, call, send

link = agent.link
from ringfence_guest.link import Slot

slot = link._slots[7] = Slot()
send(call("echo", b'[[],{"dict":["value","a","value","b"]}]', id=7))
link.wait_until(lambda: slot.frame is not None)
link.result("echo", slot) in ("a", "b")
