"""Labelled solutions to a trained critic: conversations, fine-tuning, and adapters that llama.cpp can load."""
