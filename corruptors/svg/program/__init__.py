"""Icons as characters: shapes, properties, path data and colors with exact spans."""
