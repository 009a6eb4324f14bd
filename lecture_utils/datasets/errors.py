"""Errors that the data sets raise."""


class DataUnavailableError(RuntimeError):
    """A data set is on none of its sources; the message lists what was tried and what helps."""


class DamagedFileError(ValueError):
    """A file exists but does not hold what it should: truncated, altered, or something else."""
