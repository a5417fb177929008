"""`dlbook doctor`: is all there, does all agree, and what is to be done where it doesn't.

`machine` and `places` look at what lies there, `look` proves one notebook's answer key and files,
`run` runs its notebooks and kernels; `child` keeps both in processes of their own, `examine` asks
for everything, `check` puts it into words.
"""
