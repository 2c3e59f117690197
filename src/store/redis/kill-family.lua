--[[
  Marks a family dead.

  KEYS[1]  family

  Returns 1 when it is dead, 0 when it is unknown.

  Atomic so that a family that expires meanwhile does not come back as a stub without expiry.
]]
if redis.call("EXISTS", KEYS[1]) == 0 then
  return 0
end
redis.call("HSET", KEYS[1], "dead", 1)
return 1
