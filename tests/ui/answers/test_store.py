"""What is kept, for how many bytes, what goes first, and that nobody can change it."""

from dataclasses import dataclass

import numpy as np
import pytest

from bnviz.ui.answers.store import Store


@dataclass(frozen=True)
class Result:
    values: np.ndarray
    more: dict
    several: tuple = ()


def bytes_of(size):
    return np.zeros(size, np.uint8)


def test_keeps_the_very_object():
    store, result = Store(), Result(bytes_of(3), {})
    store.put("a", result)
    assert store.get("a") is result
    assert "a" in store
    assert "b" not in store
    with pytest.raises(KeyError):
        store.get("b")


def test_counts_bytes_and_not_results():
    store = Store(room=10_000)
    for name in "abcdefgh":
        store.put(name, bytes_of(100))
    assert len(store) == 8
    store.put("large", bytes_of(9_000))
    assert "large" in store
    assert store.taken <= 10_000
    assert 1 < len(store) < 9


def test_what_was_not_used_longest_goes_first():
    store = Store(room=3_500)
    for name in "abc":
        store.put(name, bytes_of(1000))
    store.get("a")
    store.put("d", bytes_of(1000))
    assert [name in store for name in "abcd"] == [True, False, True, True]


def test_the_courses_own_settings_go_last():
    store = Store(room=3_500)
    store.put("default", bytes_of(1000), own=True)
    for n in range(50):
        store.put(n, bytes_of(1000))
    assert "default" in store
    assert 49 in store
    store.put("another", bytes_of(1000), own=True)
    store.put("third", bytes_of(1000), own=True)
    store.put("fourth", bytes_of(1000), own=True)
    assert "fourth" in store
    assert "default" not in store


def test_what_is_larger_than_the_room_is_kept_alone():
    store = Store(room=100)
    store.put("a", bytes_of(10))
    store.put("large", bytes_of(1000))
    assert store.get("large").size == 1000
    assert len(store) == 1


def test_the_same_key_twice_counts_once():
    store = Store()
    store.put("a", bytes_of(1000))
    taken = store.taken
    store.put("a", bytes_of(1000))
    assert store.taken == taken
    store.clear()
    assert store.taken == len(store) == 0


def test_no_reader_can_change_what_all_share():
    arrays = [bytes_of(3) for _ in range(4)]
    store = Store()
    store.put("a", Result(arrays[0], {"x": arrays[1]}, (arrays[2], [Result(arrays[3], {})])))
    for array in arrays:
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1
