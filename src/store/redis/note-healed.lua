--[[
  Notes that a store, or one of its predecessors, has been healed, and which entries that its log has lost were put back. One that none of
  the healers knew is none of these, wherever it lay.
  That predecessor is awaited no more.

  KEYS[1]  meta
  KEYS[2]  log
  ARGV[1]  incarnation of the store, as the caller knows it
  ARGV[2]  incarnation whose log was lost
  ARGV[3]  stream id of a predecessor's log up to which entries are not told one by one any more; else "0-0"
  ARGV[4]  stream ids of the single entries that the caller knows and has put back, separated by commas; empty for none
  ARGV[5]  how many single entries to remember at most: the oldest go

  Returns 1 when noted, 0 when the store is another or has lost its state.

  Atomic so that of several instances that heal at once the farthest stays, and what each put back besides. What is noted already is
  written again: WAIT waits for what its connection wrote last, and would vouch for nothing without a write.
]]
local meta, log, to, single = KEYS[1], KEYS[2], "healed_to:" .. ARGV[2], "healed_entries:" .. ARGV[2]
local held = redis.call("HMGET", meta, "incarnation", to, single, "awaited", "trimmed_to")
if held[1] ~= ARGV[1] then return 0 end

local function is_before(one, other)
  local time, sequence = string.match(one, "^(%d+)-(%d+)$")
  local other_time, other_sequence = string.match(other, "^(%d+)-(%d+)$")
  if time == other_time then return tonumber(sequence) < tonumber(other_sequence) end
  return tonumber(time) < tonumber(other_time)
end
local function is_told(id)
  if ARGV[2] ~= ARGV[1] then return false end
  return (held[5] and not is_before(held[5], id)) or redis.call("XRANGE", log, id, id)[1]
end
local farthest = held[2] and is_before(ARGV[3], held[2]) and held[2] or ARGV[3]
redis.call("HSET", meta, to, farthest)

local awaited = {}
for one in string.gmatch(held[4] or "", "[^,]+") do
  if one ~= ARGV[2] then awaited[#awaited + 1] = one end
end
redis.call("HSET", meta, "awaited", table.concat(awaited, ","))
if ARGV[4] == "" then return 1 end

local ids, known = {}, {}
for id in string.gmatch((held[3] or "") .. "," .. ARGV[4], "[^,]+") do
  if not known[id] and not is_told(id) then
    known[id] = true
    ids[#ids + 1] = id
  end
end
if #ids == 0 then return 1 end
local first = math.max(1, #ids - tonumber(ARGV[5]) + 1)
redis.call("HSET", meta, single, table.concat(ids, ",", first))
return 1
