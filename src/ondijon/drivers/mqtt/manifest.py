"""What the loader knows this driver by."""

from ondijon.kernel.sharing import Share

DRIVER_KEY = "mqtt"
PROTOCOL = "MQTT 3.1.1 with SenML (RFC 8428)"


def cursor_key(share: Share) -> str:
    """The name under which it is remembered what was taken in, of the whole field or of one share."""
    return DRIVER_KEY if share.is_whole else f"{DRIVER_KEY}.{share.number}"
