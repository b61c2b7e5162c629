"""Attacks on the sandbox that anybody can run on their own machine: ``genverify selftest``."""
