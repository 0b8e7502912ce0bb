"""Test-time refinement: a program is drawn, criticized and written again."""
