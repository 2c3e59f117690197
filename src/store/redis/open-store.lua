--[[
  Says what store a Redis holds, and makes one where there is nothing at all.

  KEYS[1]  log
  KEYS[2]  live set
  KEYS[3]  meta
  ARGV[1]  schema version of the caller
  ARGV[2]  incarnation of a new store
  ARGV[3]  greatest lifetime of a new store, milliseconds
  ARGV[4]  "1" when a new store may be made

  Returns {code, ...}
    {0, schema version, incarnation, predecessors}  there is a store; the predecessors are separated by commas
    {1}                                             there is nothing, and nothing was made
    {2}                                             parts of a store are missing
    {3, schema version}                             the store is newer than the caller

  Atomic so that of two instances starting on an empty Redis one makes the store and the other finds it.
]]
local log, live, meta = KEYS[1], KEYS[2], KEYS[3]

local parts = redis.call("EXISTS", log, live, meta)
if parts == 0 then
  if ARGV[4] ~= "1" then
    return { 1 }
  end
  redis.call("HSET", meta, "schema_version", ARGV[1], "incarnation", ARGV[2],
    "greatest_lifetime_ms", ARGV[3], "trimmed_to", "0-0")
  redis.call("HSET", live, "incarnation", ARGV[2])
  redis.call("XADD", log, "*", "incarnation", ARGV[2])
  return { 0, tonumber(ARGV[1]), ARGV[2], "" }
end

local held = redis.call("HMGET", meta, "schema_version", "incarnation", "greatest_lifetime_ms", "predecessors")
local version = tonumber(held[1])
if version and version > tonumber(ARGV[1]) then
  return { 3, version }
end
if parts < 3 or not (version and held[2] and held[3]) then
  return { 2 }
end
if redis.call("HGET", live, "incarnation") ~= held[2] then
  return { 2 }
end
return { 0, version, held[2], held[4] or "" }
