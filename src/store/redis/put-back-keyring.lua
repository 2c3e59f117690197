--[[
  Puts a keyring back into a store that has none.

  KEYS[1]  keyring
  ARGV[1]  incarnation of the store
  ARGV[2]  version
  ARGV[3]  records

  Returns 1 when it was put there, 0 when there is one.

  Atomic so that of several instances one puts it there, and none undoes a later change.
]]
if redis.call("EXISTS", KEYS[1]) == 1 then return 0 end
redis.call("HSET", KEYS[1], "incarnation", ARGV[1], "version", ARGV[2], "records", ARGV[3])
return 1
