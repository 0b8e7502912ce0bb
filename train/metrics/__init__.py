"""Similarity metrics: TEDS for tables; pixels, embeddings and perceptual distance for pictures."""
