"""What the room itself does for every trade, one folder a part; a part may also come from another distribution."""

from pkgutil import extend_path

__path__ = extend_path(__path__, __name__)
