"""A believable city that talks to the post only over the real protocols."""
