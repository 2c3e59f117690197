--[[
  Puts back revocations that the store has lost, or holds weaker. What has expired is left out.

  KEYS[1]  log
  KEYS[2]  live set
  KEYS[3]  expiry
  KEYS[4]  meta
  ARGV[1]  incarnation that the caller knows
  ARGV[2]  now, milliseconds
  ARGV[3]  revocations, 28 bytes each: digest, cut-off, keep-until

  Returns {code, ...}
    {0}                 the store has lost its state, or is another
    {1, put, expired}   how many were put back, and how many left out

  Atomic so that log and live set never differ. The stronger wins, so any number of instances may do it at once and again.
]]
local log, live, expiry, meta = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local UNBOUNDED = 281474976710655
local now, revocations = tonumber(ARGV[2]), ARGV[3]

if redis.call("HGET", live, "incarnation") ~= ARGV[1] or redis.call("HGET", meta, "incarnation") ~= ARGV[1]
  or redis.call("EXISTS", log) == 0 then
  return { 0 }
end

local put, expired = 0, 0
for at = 1, #revocations, 28 do
  local digest = string.sub(revocations, at, at + 15)
  local cut, keep = struct.unpack(">I6I6", revocations, at + 16)
  local held = redis.call("HGET", live, digest)
  local held_cut, held_keep, sealed = -1, -1, ""
  if held then
    held_cut, held_keep = struct.unpack(">I6I6", held)
    sealed = string.sub(held, 13)
  end
  if keep <= now then
    expired = expired + 1
  elseif cut > held_cut or keep > held_keep then
    cut, keep = math.max(cut, held_cut), math.max(keep, held_keep)
    local times = struct.pack(">I6I6", cut, keep)
    redis.call("XADD", log, "*", "r", digest .. times .. sealed)
    redis.call("HSET", live, digest, times .. sealed)
    if keep == UNBOUNDED then
      redis.call("ZREM", expiry, digest)
    else
      redis.call("ZADD", expiry, string.format("%.0f", keep), digest)
    end
    put = put + 1
  end
end
return { 1, put, expired }
