--[[
  Decides one refresh by the rows of the rotation table, and rotates the family where its row says so.

  KEYS[1]  family
  ARGV[1]  presented generation
  ARGV[2]  now, milliseconds
  ARGV[3]  request digest
  ARGV[4]  context digest
  ARGV[5]  MAC key id for the successor
  ARGV[6]  grace, milliseconds; 0 for none
  ARGV[7]  idle lifetime of the successor, milliseconds

  Returns {code} or {code, generation, MAC key id, rotated at, idle expiry}, and for a retry the context of its rotation in hex
    {0} unknown   {1} dead   {2} expired   {3, ...} rotated   {4, ...} retried
    {5} predecessor reused   {6} stale generation   {7} beyond current

  Atomic so that of any number of concurrent refreshes of one generation exactly one makes the successor. A retry writes what is there:
  WAIT waits for what its connection wrote last, and would vouch for nothing without a write.
]]
local family = KEYS[1]
local presented, now = tonumber(ARGV[1]), tonumber(ARGV[2])
local request, context = ARGV[3], ARGV[4]
local mac_key, grace, idle = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])

local held = redis.call("HMGET", family, "generation", "mac_key_id", "rotated_at", "idle_expires_at", "expires_at",
  "dead", "request", "context")
if not held[1] then return { 0 } end

local generation, rotated_at = tonumber(held[1]), tonumber(held[3])
local idle_expiry, expiry = tonumber(held[4]), tonumber(held[5])
if held[6] == "1" then return { 1 } end
-- Before the expiry: a store that has gone back in time may have missed that the family was prolonged.
if presented > generation then return { 7 } end
if now >= math.min(idle_expiry, expiry) then return { 2 } end

if presented == generation then
  local next_idle_expiry = math.min(now + idle, expiry)
  redis.call("HSET", family, "generation", generation + 1, "mac_key_id", ARGV[5], "rotated_at", ARGV[2],
    "idle_expires_at", string.format("%.0f", next_idle_expiry), "request", request, "context", context)
  return { 3, generation + 1, mac_key, now, next_idle_expiry }
end
if presented < generation - 1 then return { 6 } end

-- The window counts from the rotation and never re-arms, since a retry changes nothing.
if grace > 0 and now - rotated_at <= grace and request == held[7] then
  redis.call("HSET", family, "generation", generation)
  local hex = string.gsub(held[8], ".", function(byte) return string.format("%02x", string.byte(byte)) end)
  return { 4, generation, tonumber(held[2]), rotated_at, idle_expiry, hex }
end
return { 5 }
