# goal: spin when a generator is closed
# technique: cpu_time
# limits: wall=0.3
# expect: limit wall alive

def endless():
    try:
        yield
    finally:
        while True:
            pass


generator = endless()
next(generator)
generator.close()
