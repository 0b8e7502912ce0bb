"""HTML and SVG as characters: elements, attributes and text with exact spans."""
