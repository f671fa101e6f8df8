"""Will a model trained today still be right in six months?"""
