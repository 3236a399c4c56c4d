"""Codes, keys and numbers: random, unambiguous, and read from whatever was typed."""

import string

from hypothesis import given
from hypothesis import strategies as st

from bnviz.ui.room import codes

CODES = st.text(codes.LETTERS, min_size=codes.LENGTH, max_size=codes.LENGTH)


def test_codes_are_six_letters_that_look_like_no_other():
    assert not set(codes.LETTERS) & set("AEIOUYLQV" + string.digits)
    several = {codes.new_code() for _ in range(200)}
    assert len(several) > 190
    assert all(len(one) == 6 and set(one) <= set(codes.LETTERS) for one in several)


@given(CODES)
def test_a_code_is_read_in_any_case_and_with_gaps(code):
    for typed in (code, code.lower(), f" {code[:3]} {code[3:]}\n", "-".join(code)):
        assert codes.code_of(typed) == code


@given(st.text(max_size=200))
def test_whatever_is_typed_is_a_code_or_none(typed):
    read = codes.code_of(typed)
    assert read is None or (len(read) == codes.LENGTH and set(read) <= set(codes.LETTERS))


@given(st.one_of(st.none(), st.integers(), st.text(max_size=20), st.binary(max_size=20)))
def test_only_a_readers_number_is_one(told):
    assert codes.reader_of(told) is None or (len(told) == 16 and int(told, 16) >= 0)


def test_a_readers_number_is_read_back():
    number = codes.new_reader()
    assert codes.reader_of(number) == number
    assert codes.new_reader() != number
    assert codes.reader_of(number.upper() + "x") is None


def test_a_key_opens_and_no_other_does_nor_does_what_is_kept_of_it():
    key, other = codes.new_key(), codes.new_key()
    kept = codes.hashed(key)
    assert codes.opens(key, kept)
    assert key not in kept
    for wrong in (other, kept, key[:-1], "", "ä"):
        assert not codes.opens(wrong, kept)
