# goal: have a turn that never ran count as run
# technique: guest_agent_tampering
# field: host-forged-frame
# trap: 30
# expect: ok 2

from wire import done, mute, send

mute()
send(done(b"1"))
agent = progress.__self__
import wire

agent.link.channel, agent.interrupts.held = wire._channel, 0
agent.link.turn_open = False
while True:
    agent.handle(agent.link.next_request())
# --- next turn
1 + 1
