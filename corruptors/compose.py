"""From a sample to its attempts: which corruptions, how many together, and the negatives."""
