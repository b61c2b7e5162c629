"""Reports to something a person reads."""
