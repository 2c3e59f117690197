--[[
  Tells the time of the node that holds a key: TIME itself names none.

  KEYS[1]  any key of the revocations

  Returns {seconds, microseconds}

  A script only so that a Cluster asks the node that decides.
]]
return redis.call("TIME")
