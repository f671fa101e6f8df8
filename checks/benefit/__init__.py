"""Does training beat prompting with retrieval by enough to pay for itself?"""
