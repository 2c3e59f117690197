--[[
  Removes a bounded number of expired revocations, and of log entries that have been kept long enough.

  KEYS[1]  log
  KEYS[2]  live set
  KEYS[3]  expiry
  KEYS[4]  meta
  ARGV[1]  incarnation that the caller knows
  ARGV[2]  now, milliseconds
  ARGV[3]  log entries up to this time go, milliseconds
  ARGV[4]  how many of each at most

  Returns how many went, -1 when the store has lost its state or is another.

  Atomic so that live set and expiry never differ, and no follower of the log misses that it was trimmed.
]]
local log, live, expiry, meta = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
if redis.call("HGET", live, "incarnation") ~= ARGV[1] then
  return -1
end

local expired = redis.call("ZRANGEBYSCORE", expiry, "-inf", ARGV[2], "LIMIT", 0, ARGV[4])
if #expired > 0 then
  redis.call("HDEL", live, unpack(expired))
  redis.call("ZREM", expiry, unpack(expired))
end

-- The newest entry stays whatever its age: it is the head that a revision names.
local old = redis.call("XRANGE", log, "-", ARGV[3], "COUNT", ARGV[4])
local newest = redis.call("XREVRANGE", log, "+", "-", "COUNT", 1)[1]
local count = #old
if count > 0 and old[count][1] == newest[1] then
  count = count - 1
end
if count > 0 then
  local last = old[count][1]
  local time, sequence = string.match(last, "^(%d+)-(%d+)$")
  redis.call("XTRIM", log, "MINID", "=", time .. "-" .. string.format("%.0f", sequence + 1))
  redis.call("HSET", meta, "trimmed_to", last)
end
return #expired + count
