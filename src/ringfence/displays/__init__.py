"""What guests display, put before people: as files, and as a page that runs nothing of theirs."""
