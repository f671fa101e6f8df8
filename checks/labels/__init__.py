"""Can the labels be trusted?"""
