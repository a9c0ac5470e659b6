# goal: push the reason of the failure out of the result by printing
# technique: output_and_display
# field: host-flood
# limits: output=64KiB
# expect: limit output "the guest reached its limit output=65,536"

try:
    print("x" * 100_000)
finally:
    raise ValueError("the real reason")
