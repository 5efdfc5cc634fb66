"""``python -m export llama``: bundles from Llama checkpoints. Imports ``export.qnn``."""
