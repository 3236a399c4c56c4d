"""A room: a class answers together, each on a page of their own, without names.

Nothing else of bnviz imports this package but the frame, and the frame only where a room is in the
address: without one, not a line of it runs, and SQLAlchemy is not loaded.
"""

from bnviz.ui.room.visit import attend

__all__ = ["attend"]
