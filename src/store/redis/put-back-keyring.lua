--[[
  Puts a keyring back into a store that has none, or an earlier one of the same root.

  KEYS[1]  keyring
  ARGV[1]  incarnation of the store
  ARGV[2]  version
  ARGV[3]  records
  ARGV[4]  root

  Returns 1 when the store has it now, or a later one; 0 when it has another keyring, and nothing was done.

  Atomic so that the latest that any instance knows stays, and none undoes a later change. A later one is written again as it is: WAIT
  waits for what its connection wrote last, and would vouch for nothing without a write.
]]
local version, records = ARGV[2], ARGV[3]
local held = redis.call("HMGET", KEYS[1], "version", "records", "root")
if held[1] and held[2] and held[3] then
  if held[3] ~= ARGV[4] then return 0 end
  if tonumber(held[1]) >= tonumber(version) then
    version, records = held[1], held[2]
  end
end
redis.call("HSET", KEYS[1], "incarnation", ARGV[1], "version", version, "records", records, "root", ARGV[4])
return 1
