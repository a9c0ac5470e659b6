# goal: have a limit reported that was not reached
# technique: errors_and_messages
# expect: limit value "mine"

from ringfence_guest.protocol.codec import ValueTooLarge

raise ValueTooLarge("mine")
