"""For all tests: a property is judged by what it finds, and never by the time that it takes."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# A deadline and the check of slow generation look at the clock, which a busy machine changes.
settings.register_profile("no-clock", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("no-clock")
