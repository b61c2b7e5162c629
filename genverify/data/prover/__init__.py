"""Claims to proofs that a theorem prover checks, a step at a time."""

from genverify.data.prover.proving import Prover

__all__ = ["Prover"]
