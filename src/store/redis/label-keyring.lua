--[[
  Says of a keyring that is left that it belongs to the store that an operator made anew.

  KEYS[1]  keyring
  ARGV[1]  incarnation of the store

  Returns 1 when it does now, 0 when there is no whole keyring.

  Atomic so that a keyring that goes meanwhile does not come back as a stub.
]]
local held = redis.call("HMGET", KEYS[1], "version", "records", "root")
if not held[1] or not held[2] or not held[3] then
  redis.call("DEL", KEYS[1])
  return 0
end
redis.call("HSET", KEYS[1], "incarnation", ARGV[1])
return 1
