"""Messages to readings and orders to messages, pure: the city's wire names are the only thing it knows."""
