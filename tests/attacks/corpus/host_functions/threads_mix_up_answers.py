# goal: get another thread's answer by calling from many threads at once
# technique: host_functions
# needs: threads
# functions: echo
# expect: ok []

import threading

wrong = []


def work(number):
    for count in range(20):
        if echo(f"{number}.{count}") != f"{number}.{count}":
            wrong.append(number)


threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
wrong
