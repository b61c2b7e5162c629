"""Labelled public data to figures that can be quoted, each with its denominator."""
