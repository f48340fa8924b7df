"""Looking after a knowledge base: runs and their reports, health, backups, browsing, logs."""
