"""Marks on their way into a learning platform, from the gradebook's rows only.

`table` keeps a file exact to the byte; `people` says whose row is whose; `filling` brings both
together for `canvas` and `moodle`. `feedback`, `gradescope` and `nbgrader_book` write files of
their own.
"""
