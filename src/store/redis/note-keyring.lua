--[[
  Notes in the description of a store that it has a keyring: one that is not found later has been lost.

  KEYS[1]  meta
  ARGV[1]  incarnation of the store, as the caller knows it

  Returns 1 when noted, 0 when the store is another or has lost its state.

  Atomic so that a store that was lost meanwhile does not come back as a stub.
]]
if redis.call("HGET", KEYS[1], "incarnation") ~= ARGV[1] then
  return 0
end
redis.call("HSET", KEYS[1], "keyring", "made")
return 1
