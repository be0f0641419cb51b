"""OnDijon is the open command post of a metropolis."""

from pkgutil import extend_path

# A trade that comes from another distribution lies in `ondijon/domains/` there: this lets it be found.
__path__ = extend_path(__path__, __name__)
