"""Keys numbered and packed as sorting them would, whichever way is taken."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from indicators.core.arrays import numbered, paired

KEYS = st.lists(st.integers(0, 40) | st.integers(-5, 10**12), max_size=30)


@given(KEYS)
def test_numbered_is_what_sorting_gives(keys: list[int]) -> None:
    different, place = numbered(np.array(keys, dtype=np.int64))
    assert different.tolist() == sorted(set(keys))
    assert [different[one] for one in place] == keys


@given(st.lists(st.tuples(*[st.integers(0, 9)] * 3), max_size=30))
def test_one_key_sorts_as_the_several_do(rows: list[tuple[int, int, int]]) -> None:
    columns = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    order = np.argsort(paired(*columns), kind="stable")
    assert [rows[place] for place in order] == sorted(rows)
