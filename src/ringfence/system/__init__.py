"""What hosts do in one way or another on different systems: forks, private files, locks, jobs."""
