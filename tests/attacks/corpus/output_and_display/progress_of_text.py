# goal: report progress that is no number
# technique: output_and_display
# expect: error ValueError "could not convert string to float: 'half'"

progress("half")
