"""Names of older libraries that scripts still call, put back."""
