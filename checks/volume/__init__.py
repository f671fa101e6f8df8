"""Are there enough different examples, overall and per class?"""
