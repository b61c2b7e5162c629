"""Word problems: plots, quantities and how people speak of them."""
