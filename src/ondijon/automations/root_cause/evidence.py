"""How much better "this element failed" explains what signals than "they failed one by one" does."""

import numpy as np

from ondijon.kernel.arrays import Floats, Ints32, Ints64

MOST_TWINS = 200_000
_LOG_FACTORIAL: Floats = np.concatenate(([0.0], np.cumsum(np.log(np.arange(1, MOST_TWINS + 1)))))


def weigh(hits: Ints64, could: Ints64 | Ints32, background: Floats | float) -> Floats:
    """Log Bayes factor of `hits` out of `could` twins signalling, for a failed element against `background`.

    A failed element makes an unknown share of its twins signal (any share alike: messages get lost, half a phase may
    go on burning, reports take minutes), so its marginal likelihood is 1 / ((n + 1) C(n, k)) (Bayes, 1763; the
    beta-binomial with a = b = 1). Without it each twin signals with the probability `background`.
    """
    most = np.minimum(np.maximum(could, hits), MOST_TWINS)
    chosen = np.minimum(hits, most)
    ways = _LOG_FACTORIAL[most] - _LOG_FACTORIAL[chosen] - _LOG_FACTORIAL[most - chosen]
    failed = -np.log(most + 1.0) - ways
    alone = chosen * np.log(background) + (most - chosen) * np.log1p(-np.asarray(background))
    weight: Floats = failed - alone
    return weight
