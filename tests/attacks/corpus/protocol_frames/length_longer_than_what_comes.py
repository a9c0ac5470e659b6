# goal: have the next frame taken for the text of this one
# technique: protocol_frames
# field: host-lying-size
# limits: wall=0.5
# expect: limit wall "the guest reached its limit wall=0.5 s" dead


from wire import frame, mute, send

mute()
send(frame({"type": "output", "stream": "stdout"}, lengths=(38, 0, 1_000_000)))
