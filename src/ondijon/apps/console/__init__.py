"""The operators' console: its HTTP and WebSocket interface, and the built screens."""
