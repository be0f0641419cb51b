"""A year of light minute by minute: what streets need, what counters say of it, and what each way of lighting costs."""

from ondijon.simulator.year.demand import Demand, Traffic
from ondijon.simulator.year.ledger import SCENARIOS, Ledger
from ondijon.simulator.year.play import YearOptions, play_year
from ondijon.simulator.year.street import LUMINAIRES, Streets

__all__ = ["LUMINAIRES", "SCENARIOS", "Demand", "Ledger", "Streets", "Traffic", "YearOptions", "play_year"]
