"""A made-up town over the real town's extent, written as ordinary source files from a seed."""

from layers.sample_town.files import SampleFile
from layers.sample_town.generator import generate

__all__ = ["SampleFile", "generate"]
