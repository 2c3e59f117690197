--[[
  Appends a revocation to the log and puts it into the live set, unless that holds one as strong already.

  KEYS[1]  log
  KEYS[2]  live set
  KEYS[3]  expiry
  KEYS[4]  meta
  ARGV[1]  incarnation that the caller knows
  ARGV[2]  digest
  ARGV[3]  cut-off, milliseconds; 2^48 - 1 for absolute
  ARGV[4]  keep until, milliseconds; "greatest" for the greatest lifetime; 2^48 - 1 for good
  ARGV[5]  sealed
  ARGV[6]  now, milliseconds
  ARGV[7]  margin added to the keep, milliseconds
  ARGV[8]  "1" when the cut-off means now: then it is no earlier than the store's own time

  Returns {code, ...}
    {0}                     the store has lost its state, or is another
    {1, stream id, times}   held already: the head of the log
    {2, stream id, times}   appended
  where times are the cut-off and keep-until that the live set holds now, 6 bytes each

  Atomic so that log and live set never differ, and a concurrent weaker revocation never undoes a stronger one. What is held already is
  written again as it is: WAIT waits for what its connection wrote last, and would vouch for nothing without a write.
]]
local log, live, expiry, meta = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local digest, sealed = ARGV[2], ARGV[5]
local UNBOUNDED = 281474976710655

local greatest = redis.call("HGET", meta, "greatest_lifetime_ms")
if redis.call("HGET", live, "incarnation") ~= ARGV[1] or not greatest or redis.call("EXISTS", log) == 0 then return { 0 } end

local cut = tonumber(ARGV[3])
if ARGV[8] == "1" then
  local time = redis.call("TIME")
  cut = math.max(cut, tonumber(ARGV[6]), time[1] * 1000 + math.floor(time[2] / 1000))
end
local keep = ARGV[4] == "greatest" and tonumber(ARGV[6]) + tonumber(greatest) or tonumber(ARGV[4])
if keep < UNBOUNDED then keep = keep + tonumber(ARGV[7]) end

local held = redis.call("HGET", live, digest)
if held then
  local held_cut, held_keep = struct.unpack(">I6I6", held)
  cut, keep = math.max(cut, held_cut), math.max(keep, held_keep)
  if cut == held_cut and keep == held_keep then
    redis.call("HSET", live, digest, held)
    return { 1, redis.call("XREVRANGE", log, "+", "-", "COUNT", 1)[1][1], string.sub(held, 1, 12) }
  end
end

local times = struct.pack(">I6I6", cut, keep)
local id = redis.call("XADD", log, "*", "r", digest .. times .. sealed)
redis.call("HSET", live, digest, times .. sealed)
if keep == UNBOUNDED then
  redis.call("ZREM", expiry, digest)
else
  redis.call("ZADD", expiry, string.format("%.0f", keep), digest)
end
return { 2, id, times }
