"""Ways out of the room: mail by SMTP, web hooks, a gateway for text messages."""
