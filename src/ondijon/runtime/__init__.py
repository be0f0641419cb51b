"""The runtime turns the kernel into a running post and knows no trade by name."""
