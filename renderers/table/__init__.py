"""Tables: HTML and Markdown become pictures and scenes."""
