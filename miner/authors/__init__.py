"""Who speaks in a thread, and whose words are evidence: people, bots, notices, adverts."""
