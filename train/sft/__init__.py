"""Visual-ERM is fine-tuned on published shards."""
