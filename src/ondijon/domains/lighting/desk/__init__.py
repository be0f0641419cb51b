"""What people ask of the lighting trade beside orders to lights, and what time brings."""
