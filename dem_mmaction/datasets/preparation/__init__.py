"""Preparing data sets: lists, checks and fast copies of their videos.

Not imported with the package: it needs PyAV (``pip install dem-mmaction[data]``).
"""
