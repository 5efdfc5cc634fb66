"""Test programs that optimum-executorch exports from checkpoints in Hugging Face's format."""
