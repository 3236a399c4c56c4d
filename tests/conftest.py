"""What all tests share: how hypothesis looks for examples on a slow, busy machine."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "bnviz",
    deadline=None,  # the machine may be busy
    max_examples=50,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=True,  # the same examples every time: a red test stays red
)
settings.load_profile("bnviz")
