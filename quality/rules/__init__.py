"""The rules that every row passes before it is published."""
