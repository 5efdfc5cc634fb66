"""Paths of the checkout."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
"""The checkout's root: this package's parent folder."""
