# Stands in for the module `bitmap`, which Debian does not have: what tini's suite uses of it.


class BitMap:
    """A set of bit numbers, read from binary digits."""

    def __init__(self, digits):
        self._digits = digits

    @classmethod
    def fromstring(cls, digits):
        """The bits of DIGITS, the most significant one first."""
        return cls(digits)

    def nonzero(self):
        """The numbers of the bits that are set, in ascending order."""
        return [number for number, digit in enumerate(reversed(self._digits)) if digit == "1"]
