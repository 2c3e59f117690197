--[[
  Proves that the store is whole, ours, and at a primary, and returns what the follower has not taken yet.

  KEYS[1]  log
  KEYS[2]  live set
  KEYS[3]  meta
  KEYS[4]  heartbeat
  ARGV[1]  incarnation that the follower knows
  ARGV[2]  stream id of the last entry that it has taken
  ARGV[3]  digest in that entry; empty where it is not known
  ARGV[4]  stream id of the last entry that it appended itself; empty for none
  ARGV[5]  how many entries to return at most
  ARGV[6]  "1" when replicas must have the heartbeat: then it must be written
  ARGV[7]  revisions that are sought, `incarnation/stream id`, separated by commas; empty for none

  Returns {code, ...}
    {0}                        the canary has gone, or a part of the store
    {1, incarnation}           it is another store
    {2, stream id}             an entry has gone that was not trimmed: the store has gone back
    {3}                        the log was trimmed beyond the last entry taken
    {5, predecessors}          nobody has put back yet what these held
    {4, {{id, {...}}, ...}, {seconds, microseconds}, {1 or 0, ...}}
                               all is well; fewer entries than asked for: these are all there are; and of each revision that is
                               sought whether the store holds it, or has been healed since it was lost

  Atomic so that what is returned follows on what was checked. The heartbeat fails at a replica, and is what WAIT waits for; being
  a change of an expiry it succeeds also where memory is full. Nothing is written into a store that is not ours.
]]
local log, live, meta, heartbeat = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local taken = ARGV[2]

local canary = redis.call("HGET", live, "incarnation")
local held = redis.call("HMGET", meta, "incarnation", "trimmed_to", "awaited")
if not canary or canary ~= held[1] or not held[2] or redis.call("EXISTS", log) == 0 then return { 0 } end
if canary ~= ARGV[1] then return { 1, canary } end
if held[3] and held[3] ~= "" then return { 5, held[3] } end

local function parts(id)
  local time, sequence = string.match(id, "^(%d+)-(%d+)$")
  return tonumber(time), tonumber(sequence)
end
local function is_before(one, other)
  local time, sequence = parts(one)
  local other_time, other_sequence = parts(other)
  return time < other_time or (time == other_time and sequence < other_sequence)
end

local last = redis.call("XRANGE", log, taken, taken)[1]
if not last and is_before(held[2], taken) then return { 2, taken } end
if not last and taken ~= held[2] then return { 3 } end
if last and ARGV[3] ~= "" and string.sub(last[2][2], 1, 16) ~= ARGV[3] then return { 2, taken } end
if ARGV[4] ~= "" and not redis.call("XRANGE", log, ARGV[4], ARGV[4])[1] and is_before(held[2], ARGV[4]) then
  return { 2, ARGV[4] }
end

local written = redis.pcall("PEXPIREAT", heartbeat, "4102444800000")
if written == 0 then written = redis.pcall("SET", heartbeat, "", "PXAT", "4102444800000") end
if type(written) == "table" and written.err and (ARGV[6] == "1" or string.find(written.err, "READONLY", 1, true)) then
  return written
end

local function is_found(incarnation, id)
  local healed = redis.call("HMGET", meta, "healed_to:" .. incarnation, "healed_entries:" .. incarnation)
  if healed[1] and not is_before(healed[1], id) then return true end
  if healed[2] and string.find("," .. healed[2] .. ",", "," .. id .. ",", 1, true) then return true end
  -- What is no id of a stream is not found, and fails nobody else's proof.
  return incarnation == canary and (not is_before(held[2], id) or redis.pcall("XRANGE", log, id, id)[1])
end
local found = {}
for incarnation, id in string.gmatch(ARGV[7], "([^,/]+)/([^,]+)") do
  found[#found + 1] = is_found(incarnation, id) and 1 or 0
end
return { 4, redis.call("XRANGE", log, "(" .. taken, "+", "COUNT", ARGV[5]), redis.call("TIME"), found }
