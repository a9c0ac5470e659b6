# goal: spin when garbage is collected
# technique: cpu_time
# limits: wall=0.3
# expect: limit wall dead

import gc


def spin(*_):
    while True:
        pass


gc.callbacks.append(spin)
gc.collect()
