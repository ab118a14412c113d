"""What is measured, a module a row or two. Each has `ROWS`: names, and functions that return a list of results."""
