"""python -m benchmarks [part …]: the parts that are named, of PARTS, or all of them."""

import importlib
import logging
import os
import sys
import time

import torch

PARTS = (
    "engine", "surface", "sweeps", "pages", "browser", "memory", "bounds", "idle", "load", "room",
    "links", "scripts",
)  # fmt: skip


def main(asked: list[str]) -> None:
    unknown = [name for name in asked if name not in PARTS]
    if unknown:
        sys.exit(f"No part {unknown[0]!r}; there are {', '.join(PARTS)}.")
    logging.disable(logging.WARNING)  # Streamlit, outside of a server, warns at every call
    load, cores = os.getloadavg()[0], len(os.sched_getaffinity(0))
    print(f"torch {torch.__version__}, {cores} cores, load {load:.1f} before the start.")
    if load > 0.5:
        print("Other work runs on this machine: what needs both cores looks worse than it is.")
    print("Contestants take turns; each figure is the median of the rounds (lowest to highest).")
    started = time.monotonic()
    early = [part for part in asked or PARTS if not _told(part)]
    print(f"\n{time.monotonic() - started:.0f} seconds in all.")
    if early:
        sys.exit(f"Ended early: {', '.join(early)}.")


def _told(part: str) -> bool:
    """Whether a part came to its end. What goes wrong in one is no reason to miss the others."""
    try:
        importlib.import_module(f"benchmarks.{part}").main()
    except Exception:
        logging.exception("%s ended early", part)
        return False
    return True


if __name__ == "__main__":
    main(sys.argv[1:])
