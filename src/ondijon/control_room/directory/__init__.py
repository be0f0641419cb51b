"""Who can be called, for which trade, where and when."""
