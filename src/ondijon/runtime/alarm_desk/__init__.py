"""The alarm desk says, for every declared condition, when it has stood or been gone for long enough."""

from ondijon.runtime.alarm_desk.desk import AlarmChange, AlarmDesk, Silence
from ondijon.runtime.alarm_desk.line import Line
from ondijon.runtime.alarm_desk.memory import Memory

__all__ = ["AlarmChange", "AlarmDesk", "Line", "Memory", "Silence"]
