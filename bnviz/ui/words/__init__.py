"""The fixed words of the lessons, one file each: introduction, presets, guess, notes.

What a run shows is computed.
"""
