"""The generic MQTT driver carries SenML packs between gateways and the post, and knows no trade."""
