"""Builds Wyvern's model bundles: ``python -m export COMMAND``."""
