"""A trial: a small encoder, fine-tuned here on some of the rows, and what it answers to others."""
