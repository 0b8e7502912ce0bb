"""Programs re-expressed as a capable model would: many small errors at once, with no model and no GPU."""
