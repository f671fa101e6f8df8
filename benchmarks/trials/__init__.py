"""What a fine-tuned encoder answers where a linear classifier and the audit only stand in for it."""
