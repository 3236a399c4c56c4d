"""What is inside a figure: its parts with their places, and its arrays as numbers."""

import base64

import numpy as np


def unpacked(spec):
    array = np.frombuffer(base64.b64decode(spec["bdata"]), spec["dtype"])
    if "shape" in spec:
        array = array.reshape([int(n) for n in spec["shape"].split(",")])
    return array


def walk(thing, path=""):
    """Every part of a figure with its place in it."""
    yield path, thing
    if isinstance(thing, dict):
        for key, value in thing.items():
            yield from walk(value, f"{path}.{key}")
    elif isinstance(thing, list | tuple):
        for place, value in enumerate(thing):
            yield from walk(value, f"{path}[{place}]")


def differences(one, other, path=""):
    """Where two figures are not the same, and what stands there in each."""
    if one == other:
        return
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        for key, value in one.items():
            yield from differences(value, other[key], f"{path}.{key}")
    elif isinstance(one, list | tuple) and type(one) is type(other) and len(one) == len(other):
        for place, (value, there) in enumerate(zip(one, other, strict=True)):
            yield from differences(value, there, f"{path}[{place}]")
    else:
        yield path, one, other
