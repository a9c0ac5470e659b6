"""What Ringfence costs, each figure beside a peer that was measured in the same run.

``python -m bench`` (or ``make bench``) measures; ``--quick`` shows in seconds that it works;
``--profile start`` shows where a fresh start spends its time. Subjects and peers take turns
(:mod:`ringfence.cli.bench.timing`), because only a ratio means something on a machine that also
does other things; what is warm is said in each group's note.
"""
