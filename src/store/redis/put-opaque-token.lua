--[[
  Puts the sealed record of an opaque token, unless there is one.

  KEYS[1]  opaque token
  ARGV[1]  sealed
  ARGV[2]  when Redis may drop it, milliseconds

  Returns 1 when it was put, 0 when there was one.

  Atomic so that what was put first stays, and never stays without its expiry. It is written again as it is: WAIT waits for what its
  connection wrote last, and would vouch for nothing without a write.
]]
if redis.call("SET", KEYS[1], ARGV[1], "PXAT", ARGV[2], "NX") then return 1 end
redis.call("SET", KEYS[1], redis.call("GET", KEYS[1]), "KEEPTTL")
return 0
