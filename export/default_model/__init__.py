"""The default model: SmolLM2-135M-Instruct from its GGUF. Imports no other room of ``export``."""
