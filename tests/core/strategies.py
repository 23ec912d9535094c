"""Random slices as tests need them: gaps, ties and bounds are common, not rare."""

import numpy as np
from hypothesis import strategies as st

#: Few distinct numbers, so that ties happen; some of any size, so that nothing hangs on that.
NUMBERS = st.one_of(
    st.integers(0, 6).map(float), st.floats(-1e6, 1e6, allow_subnormal=False).map(lambda x: x + 0.0)
)
GAPPY = st.one_of(st.none(), NUMBERS, NUMBERS, NUMBERS)
DIRECTIONS = st.sampled_from(["higher", "lower", "none"])


def rows(elements=GAPPY, most=9):
    return st.lists(elements, min_size=1, max_size=most)


@st.composite
def tables(draw, elements=GAPPY, most_rows=4, most_columns=9):
    """Some rows of one length."""
    width = draw(st.integers(1, most_columns))
    row = st.lists(elements, min_size=width, max_size=width)
    return draw(st.lists(row, min_size=1, max_size=most_rows))


@st.composite
def bounded(draw):
    """None, or (value, lower, upper): points and half-open steps whose ends touch are common."""
    if draw(st.integers(0, 5)) == 0:
        return None
    value = draw(st.integers(0, 8).map(float))
    below, above = draw(st.sampled_from([(0, 0), (0, 1), (1, 0), (0.5, 0.5), (1, 1), (2, 3)]))
    return value, value - below, value + above


def array(nested):
    """The same as float64, None as NaN."""
    return np.array(nested, dtype=np.float64)


def same(result, expected, tolerance=1e-9):
    np.testing.assert_allclose(result, array(expected), rtol=tolerance, atol=tolerance, equal_nan=True)
