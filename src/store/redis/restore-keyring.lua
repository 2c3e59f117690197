--[[
  Puts a later keyring in place of one that the store has gone back to.

  KEYS[1]  keyring
  ARGV[1]  incarnation of the store, as the caller knows it
  ARGV[2]  version that is replaced
  ARGV[3]  version that the caller knows, a later one
  ARGV[4]  records
  ARGV[5]  root of both

  Returns 1 when it was put there, 0 when the keyring is another by now.

  Atomic so that of several instances one puts it there, and none undoes a later change.
]]
local held = redis.call("HMGET", KEYS[1], "incarnation", "version", "root")
if held[1] ~= ARGV[1] or held[2] ~= ARGV[2] or held[3] ~= ARGV[5] then return 0 end
redis.call("HSET", KEYS[1], "version", ARGV[3], "records", ARGV[4])
return 1
