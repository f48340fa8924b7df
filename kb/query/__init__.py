"""Asking a knowledge base: from the shell, from Python, from an agent."""
