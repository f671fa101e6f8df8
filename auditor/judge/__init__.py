"""From what was measured to a decision in money: prices, distributions of the three ways, the rule. No sentences."""
