--[[
  Puts the records of a keyring in place of those of a version.

  KEYS[1]  keyring
  ARGV[1]  incarnation of the store, as the caller knows it
  ARGV[2]  version that is replaced; 0 for a first keyring
  ARGV[3]  records
  ARGV[4]  root of a first keyring: by that name whatever it is changed to is known

  Returns {code, ...}
    {0}        the keyring has gone, or belongs to another store
    {1}        the keyring is of another version
    {2, root}  done

  Atomic so that of two instances that change one version one wins, and the other reads again.
]]
local held = redis.call("HMGET", KEYS[1], "incarnation", "version", "root")
local version = held[2] or "0"
if held[1] and held[1] ~= ARGV[1] then return { 0 } end
if not held[1] and (held[2] or ARGV[2] ~= "0") then return { 0 } end
if held[1] and not held[3] then return { 0 } end
if version ~= ARGV[2] then return { 1 } end
local root = held[3] or ARGV[4]

redis.call("HSET", KEYS[1], "incarnation", ARGV[1], "version", string.format("%.0f", tonumber(version) + 1),
  "records", ARGV[3], "root", root)
return { 2, root }
