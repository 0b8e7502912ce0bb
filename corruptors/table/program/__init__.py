"""Tables as characters: rows, cells, numbers and words with exact spans."""
