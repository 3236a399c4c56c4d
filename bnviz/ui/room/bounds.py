"""What there may be of rooms and in them, and the refusal where there is no more."""

LASTS = 24 * 3600.0  # seconds
MOST_ROOMS, MOST_READERS = 200, 300
OPENED_A_MINUTE = 10  # rooms, on all servers of a database
DESERTED = 3600.0  # seconds without a visitor, after which a room gives way where all are taken
MOST_RUNS, OF_ONE = 60, 5  # runs of the lab that a room keeps, in all and of one reader


class RefusedError(Exception):
    """What cannot be done in a room; says why, in a sentence for the reader."""
