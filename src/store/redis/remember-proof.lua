--[[
  Remembers the use of a proof of possession, once.

  KEYS[1]  replay
  ARGV[1]  request digest, empty for none
  ARGV[2]  when Redis drops it, milliseconds

  Returns 0 for the first use, 1 for a repetition of the very request, 2 for a replay.

  Atomic so that of any number of concurrent uses exactly one is the first.
]]
local held = redis.call("GET", KEYS[1])
if not held then
  redis.call("SET", KEYS[1], ARGV[1], "PXAT", ARGV[2])
  return 0
end
if ARGV[1] ~= "" and ARGV[1] == held then
  return 1
end
return 2
