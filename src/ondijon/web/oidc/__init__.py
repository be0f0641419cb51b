"""Signing in with the metropolis's own directory: OpenID Connect, authorization code with PKCE."""

from ondijon.web.oidc.door import Came, OidcDoor
from ondijon.web.oidc.provider import Provider
from ondijon.web.oidc.settings import OidcSettings, read_settings

__all__ = ["Came", "OidcDoor", "OidcSettings", "Provider", "read_settings"]
