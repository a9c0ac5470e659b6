"""Linux containment for the process of any engine: namespaces, Landlock, seccomp, limits."""
