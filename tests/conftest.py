"""What all tests share on a slow, busy machine: one thread each, the same examples every time."""

import torch
from hypothesis import HealthCheck, settings

settings.register_profile(
    "bnviz",
    deadline=None,  # the machine may be busy
    max_examples=50,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=True,  # the same examples every time: a red test stays red
)
settings.load_profile("bnviz")

torch.set_num_threads(1)  # two workers with two threads each would mostly wait for one another
