"""Is it ours to run?"""
