"""Families of small functions, each with descriptions, solutions and tests."""
