--[[
  Raises the greatest lifetime that revocations must outlast; never lowers it.

  KEYS[1]  meta
  ARGV[1]  milliseconds

  Returns 1 when it was raised, else 0.

  Atomic so that of two instances starting at once the greater wins.
]]
local held = redis.call("HGET", KEYS[1], "greatest_lifetime_ms")
if not held or tonumber(held) >= tonumber(ARGV[1]) then
  return 0
end
redis.call("HSET", KEYS[1], "greatest_lifetime_ms", ARGV[1])
return 1
