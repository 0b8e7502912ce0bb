"""Options and help of each command; what a command does stands in `vermillion.cli`."""
