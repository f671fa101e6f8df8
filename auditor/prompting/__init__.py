"""Asks a prompted model for labels: the draw, the prompt, the budget, the answers on disk."""
