--[[
  Creates a family at generation 0.

  KEYS[1]  family
  ARGV[1]  MAC key id
  ARGV[2]  rotated at, milliseconds
  ARGV[3]  idle expiry, milliseconds
  ARGV[4]  expiry, milliseconds
  ARGV[5]  sealed
  ARGV[6]  when Redis may drop it, milliseconds

  Returns 1 when created, 0 when the id is taken.

  Atomic so that a family is never overwritten, nor left without its expiry.
]]
if redis.call("EXISTS", KEYS[1]) == 1 then
  return 0
end
redis.call("HSET", KEYS[1], "generation", 0, "mac_key_id", ARGV[1], "rotated_at", ARGV[2], "idle_expires_at", ARGV[3],
  "expires_at", ARGV[4], "dead", 0, "request", "", "context", "", "sealed", ARGV[5])
redis.call("PEXPIREAT", KEYS[1], ARGV[6])
return 1
