"""Would training amplify bad patterns?"""
