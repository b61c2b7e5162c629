"""The tools that decide claims: exact arithmetic in process, SymPy and Z3 in worker processes."""
