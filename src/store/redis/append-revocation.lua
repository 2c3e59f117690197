--[[
  Appends a revocation to the log and puts it into the live set, unless that holds one as strong already.

  KEYS[1]  log
  KEYS[2]  live set
  KEYS[3]  expiry
  KEYS[4]  meta
  ARGV[1]  incarnation that the caller knows
  ARGV[2]  digest
  ARGV[3]  cut-off, milliseconds; "-" for absolute
  ARGV[4]  keep until, milliseconds; "greatest" for the greatest lifetime; "-" for good
  ARGV[5]  sealed
  ARGV[6]  now, milliseconds
  ARGV[7]  margin added to the keep, milliseconds

  Returns {code, ...}
    {0}              the store has lost its state, or is another
    {1, stream id}   held already: the head of the log
    {2, stream id}   appended

  Atomic so that log and live set never differ, and a concurrent weaker revocation never undoes a stronger one.
]]
local log, live, expiry, meta = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local digest, cut, keep, sealed = ARGV[2], ARGV[3], ARGV[4], ARGV[5]

local greatest = redis.call("HGET", meta, "greatest_lifetime_ms")
if redis.call("HGET", live, "incarnation") ~= ARGV[1] or not greatest or redis.call("EXISTS", log) == 0 then
  return { 0 }
end

local function later(one, other)
  if one == "-" or other == "-" then return "-" end
  if tonumber(one) >= tonumber(other) then return one end
  return other
end

if keep ~= "-" then
  local from = keep == "greatest" and tonumber(ARGV[6]) + tonumber(greatest) or tonumber(keep)
  keep = string.format("%.0f", from + tonumber(ARGV[7]))
end

local held = redis.call("HGET", live, digest)
if held then
  local held_cut, held_keep = string.match(held, "^([^:]*):([^:]*):")
  cut, keep = later(held_cut, cut), later(held_keep, keep)
  if cut == held_cut and keep == held_keep then
    return { 1, redis.call("XREVRANGE", log, "+", "-", "COUNT", 1)[1][1] }
  end
end

local id = redis.call("XADD", log, "*", "digest", digest, "cut_off", cut, "keep_until", keep, "sealed", sealed)
redis.call("HSET", live, digest, cut .. ":" .. keep .. ":" .. sealed)
if keep == "-" then
  redis.call("ZREM", expiry, digest)
else
  redis.call("ZADD", expiry, keep, digest)
end
return { 2, id }
