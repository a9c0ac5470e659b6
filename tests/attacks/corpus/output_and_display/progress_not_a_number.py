# goal: report progress that is not a number
# technique: output_and_display
# expect: ok None

progress(float("nan"), "x")
