"""Reading a published dataset back: figures, rows, rejects."""
