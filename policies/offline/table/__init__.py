"""Reading a table from its picture: cells, rows and words become HTML."""
