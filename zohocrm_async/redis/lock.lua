-- Prolong a lock, or give it up, if it is the owner's still. KEYS: the lock. ARGV: the order.
local order = cjson.decode(ARGV[1])
local mine = redis.call('GET', KEYS[1]) == order.owner
if mine and order.to > 0 then
  redis.call('PEXPIRE', KEYS[1], order.to)
elseif mine then
  redis.call('DEL', KEYS[1])
end
return cjson.encode(mine)
