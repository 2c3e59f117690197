--[[
  Notes that a token came from a network, and counts its networks.

  KEYS[1]  networks of the current half of the window
  KEYS[2]  networks of the half before
  ARGV[1]  network digest
  ARGV[2]  when Redis drops KEYS[1], milliseconds

  Returns about how many different networks both hold.

  Atomic so that no sketch is without its end, and what is counted holds what was noted.
]]
local changed = redis.call("PFADD", KEYS[1], ARGV[1])
local count = redis.call("PFCOUNT", KEYS[1], KEYS[2])
if changed == 1 then
  redis.call("PEXPIREAT", KEYS[1], ARGV[2])
end
return count
