"""Fine-tunes Visual-ERM on published shards."""
