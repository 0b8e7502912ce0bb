"""The published dataset: its plan, rows, part files, card and manifest."""
