"""Reading a chart from its picture: panels, scales, marks and words become a script."""
