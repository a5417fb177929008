"""Beginnings: a course of one's own, an exercise, a chapter, each ready to run at once."""
