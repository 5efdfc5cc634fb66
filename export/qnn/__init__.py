"""Compiles Llama programs for the HTP through upstream's static flow. Imports no other room of ``export``."""
