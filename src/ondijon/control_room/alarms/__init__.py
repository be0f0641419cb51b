"""What people do with alarms: acknowledge, put aside, take apart, silence for works."""
