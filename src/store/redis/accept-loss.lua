--[[
  Makes a store anew out of what is left of it, by an operator's decision; or has one that was made since take over from the lost one.

  KEYS[1]  log
  KEYS[2]  live set
  KEYS[3]  meta
  ARGV[1]  schema version of the caller
  ARGV[2]  incarnation of the new store
  ARGV[3]  greatest lifetime, milliseconds: raised, never lowered
  ARGV[4]  incarnation of the lost store, where the operator names it; else empty
  ARGV[5]  "1" when its keyring has been lost
  ARGV[6]  "1" when there is a keyring
  ARGV[7]  "1" when nobody is left who holds what was lost: nobody is waited for

  Returns {code, ...}
    {0, incarnation, predecessors}  done; the predecessors are separated by commas
    {1, incarnation}                nothing is missing, and nothing was done
    {3, incarnation}                nothing is missing, and it has keys of its own: what the lost one held means nothing in it
    {2, schema version}             the store is of another version

  Atomic so that no instance sees the half of it.
]]
local log, live, meta = KEYS[1], KEYS[2], KEYS[3]

local held = redis.call("HMGET", meta, "schema_version", "incarnation", "greatest_lifetime_ms", "trimmed_to", "predecessors", "awaited")
if held[1] and held[1] ~= ARGV[1] then return { 2, tonumber(held[1]) } end
local canary = redis.call("HGET", live, "incarnation")
local is_whole = canary and canary == held[2] and held[1] and held[3] and held[4] and redis.call("EXISTS", log) == 1

local predecessors, awaited = held[5] or "", held[6] or ""
local function note(one)
  if one ~= "" and not string.find("," .. predecessors .. ",", "," .. one .. ",", 1, true) then
    predecessors = predecessors == "" and one or predecessors .. "," .. one
    awaited = awaited == "" and one or awaited .. "," .. one
  end
end
if is_whole and ARGV[5] ~= "1" then
  if ARGV[4] ~= canary then note(ARGV[4]) end
  if ARGV[7] == "1" then awaited = "" end
  local is_named = predecessors ~= (held[5] or "")
  if not is_named and awaited == (held[6] or "") then return { 1, canary } end
  if is_named and (ARGV[6] == "1" or redis.call("HEXISTS", meta, "keyring") == 1) then return { 3, canary } end
  redis.call("HSET", meta, "predecessors", predecessors, "awaited", awaited)
  return { 0, canary, predecessors }
end
note(held[2] or "")
note(canary or "")
note(ARGV[4])
if ARGV[7] == "1" then awaited = "" end

local greatest = math.max(tonumber(held[3] or "0"), tonumber(ARGV[3]))
redis.call("HSET", meta, "schema_version", ARGV[1], "incarnation", ARGV[2], "predecessors", predecessors, "awaited", awaited,
  "greatest_lifetime_ms", string.format("%.0f", greatest), "trimmed_to", held[4] or "0-0")
if ARGV[5] == "1" then redis.call("HDEL", meta, "keyring") end
redis.call("HSET", live, "incarnation", ARGV[2])
redis.call("XADD", log, "*", "incarnation", ARGV[2])
return { 0, ARGV[2], predecessors }
