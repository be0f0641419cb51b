"""One folder per trade; a trade may also come from another distribution on the path."""

from pkgutil import extend_path

__path__ = extend_path(__path__, __name__)
