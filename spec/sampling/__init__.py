"""A value for any JSON Schema: plainest first, varied by a seed, always valid."""

from spec.sampling.sampler import Sampler, sample

__all__ = ["Sampler", "sample"]
