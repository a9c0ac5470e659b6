"""What guests start from that has to be built first: fetched by hash, built, verified, kept."""
