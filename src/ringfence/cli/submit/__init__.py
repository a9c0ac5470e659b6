"""``ringfence submit``: a task for an agent, worked on by a service or here."""
