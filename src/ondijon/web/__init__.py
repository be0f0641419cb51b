"""What every face shares: sessions, rights, the live hub, limits."""
