"""What an answer proves: pure functions of a case and its answer."""

from conformance.judgement.answer_judge import Judge
from conformance.judgement.observation import Observation

__all__ = ["Judge", "Observation"]
