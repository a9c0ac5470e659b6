"""What a guest sees of other servers' tools: functions it is lent, and modules it can import."""
