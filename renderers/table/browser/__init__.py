"""The guarded headless Chromium that draws tables."""
