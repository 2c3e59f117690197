--[[
  Says whether the store holds a revision, or has been healed since it was lost.

  KEYS[1]  log
  KEYS[2]  meta
  ARGV[1]  incarnation that the revision names
  ARGV[2]  stream id that it names

  Returns 1 when it does, 0 when it does not know it.

  Atomic so that an entry trimmed meanwhile is not taken for lost.
]]
local log, meta = KEYS[1], KEYS[2]

local function reaches(place)
  if not place then return false end
  local time, sequence = string.match(place, "^(%d+)-(%d+)$")
  local wanted_time, wanted_sequence = string.match(ARGV[2], "^(%d+)-(%d+)$")
  time, wanted_time = tonumber(time), tonumber(wanted_time)
  return time > wanted_time or (time == wanted_time and tonumber(sequence) >= tonumber(wanted_sequence))
end

local held = redis.call("HMGET", meta, "incarnation", "trimmed_to", "healed_to:" .. ARGV[1], "healed_entries:" .. ARGV[1])
if reaches(held[3]) then return 1 end
if held[4] and string.find("," .. held[4] .. ",", "," .. ARGV[2] .. ",", 1, true) then return 1 end
if held[1] == ARGV[1] and (reaches(held[2]) or redis.call("XRANGE", log, ARGV[2], ARGV[2])[1]) then return 1 end
return 0
