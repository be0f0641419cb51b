"""What is done with calls, in one transaction each."""
