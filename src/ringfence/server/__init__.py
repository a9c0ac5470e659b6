"""The service: sessions and single runs over HTTP, with nothing lost under load."""
