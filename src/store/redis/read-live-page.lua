--[[
  Reads a part of the live set, without what is sealed in it: a fifth of the bytes or less, in one piece.

  KEYS[1]  live set
  ARGV[1]  cursor of HSCAN; "0" to begin
  ARGV[2]  how many to look at

  Returns {cursor, revocations}
    cursor       "0": that was the last part
    revocations  one after the other: digest, cut-off, keep-until (see `revocation-bytes.ts`)

  Atomic for no reason: it reads one key. As with HSCAN, what is there all the while is told at least once.
]]
local cursor, found = unpack(redis.call("HSCAN", KEYS[1], ARGV[1], "COUNT", ARGV[2]))
local parts, count = {}, 0
for at = 1, #found, 2 do
  local digest, value = found[at], found[at + 1]
  -- All but the canary.
  if #digest == 16 then
    if #value < 12 then
      return redis.error_reply("ERR a live revocation is not in the form that this version writes")
    end
    parts[count + 1], parts[count + 2] = digest, string.sub(value, 1, 12)
    count = count + 2
  end
end
return { cursor, table.concat(parts) }
