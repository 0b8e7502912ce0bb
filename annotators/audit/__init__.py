"""Measures annotators on pairs with known errors."""
