"""The baseline model of each cabinet: kWh of a night against the connected load times the hours of the night."""

import numpy as np
from msgspec import Struct

from ondijon.kernel.arrays import Bools, Floats

FEWEST_NIGHTS = 60


class Fits(Struct, frozen=True, eq=False):
    """One line for each cabinet: kwh = fixed_kwh + per_kwh x load; arrays by cabinet, NaN where nothing fits.

    rmse_kwh: root of the mean squared error with n - 2; cv_rmse: the same over the mean night (ASHRAE 14-2014, 4.2);
    inflation: n / n', where n' = n (1 - r) / (1 + r) nights are independent and r is the residuals' autocorrelation.
    """

    fixed_kwh: Floats
    per_kwh: Floats
    nights: Floats
    mean_load: Floats
    spread: Floats
    rmse_kwh: Floats
    cv_rmse: Floats
    r_squared: Floats
    inflation: Floats

    @property
    def degrees(self) -> Floats:
        """Degrees of freedom of the error, by independent nights."""
        degrees: Floats = np.maximum(self.nights / self.inflation - 2.0, 1.0)
        return degrees


class Foretold(Struct, frozen=True, eq=False):
    """The model's sum over some nights, by cabinet, with the variance of that sum."""

    kwh: Floats
    variance: Floats


def fit(kwh: Floats, load: Floats, usable: Bools) -> Fits:
    """Ordinary least squares of each row over its usable nights; fewer than 60, or all alike, give no model.

    load: kW connected times hours of darkness of the night, which both adjusts for the length of nights (a routine
    adjustment of IPMVP) and for lights added and taken away.
    """
    count = usable.sum(axis=1).astype(np.float64)
    enough = np.maximum(count, 1.0)
    x, y = np.where(usable, load, 0.0), np.where(usable, kwh, 0.0)
    mean_x, mean_y = x.sum(axis=1) / enough, y.sum(axis=1) / enough
    dx = np.where(usable, load - mean_x[:, None], 0.0)
    dy = np.where(usable, kwh - mean_y[:, None], 0.0)
    spread, total = (dx * dx).sum(axis=1), (dy * dy).sum(axis=1)
    fitting = (count >= FEWEST_NIGHTS) & (spread > 0.0) & (mean_y > 0.0)
    slope = np.divide((dx * dy).sum(axis=1), spread, out=np.full(len(count), np.nan), where=fitting)
    residual = np.where(usable, dy - slope[:, None] * dx, 0.0)
    squares = (residual * residual).sum(axis=1)
    rmse = np.sqrt(squares / np.maximum(count - 2.0, 1.0))
    return Fits(
        fixed_kwh=mean_y - slope * mean_x,
        per_kwh=slope,
        nights=np.where(fitting, count, np.nan),
        mean_load=mean_x,
        spread=spread,
        rmse_kwh=rmse,
        cv_rmse=np.divide(rmse, mean_y, out=np.full(len(count), np.nan), where=fitting),
        r_squared=1.0 - np.divide(squares, total, out=np.ones(len(count)), where=total > 0.0),
        inflation=_inflation(residual, usable, squares),
    )


def _inflation(residual: Floats, usable: Bools, squares: Floats) -> Floats:
    """n / n' by the autocorrelation of one night with the next (ASHRAE 14-2014, annex B); never below 1."""
    pairs = usable[:, 1:] & usable[:, :-1]
    products = (residual[:, 1:] * residual[:, :-1] * pairs).sum(axis=1)
    r = np.clip(np.divide(products, squares, out=np.zeros(len(squares)), where=squares > 0.0), 0.0, 0.95)
    inflation: Floats = (1.0 + r) / (1.0 - r)
    return inflation


def foretell(fits: Fits, load: Floats, wanted: Bools) -> Foretold:
    """What the model says for the wanted nights together.

    Variance of a sum of m predictions of ordinary least squares, s^2 (m + m^2/n + (sum x - m mean x)^2 / Sxx), times
    n / n' because neighbouring nights err alike.
    """
    m = wanted.sum(axis=1).astype(np.float64)
    x = np.where(wanted, load, 0.0).sum(axis=1)
    spread = np.where(fits.spread > 0.0, fits.spread, np.inf)
    reach = m + m * m / fits.nights + (x - m * fits.mean_load) ** 2 / spread
    return Foretold(kwh=m * fits.fixed_kwh + x * fits.per_kwh, variance=fits.rmse_kwh**2 * fits.inflation * reach)
