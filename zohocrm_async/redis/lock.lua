-- Take a lock, prolong it or give it up, if it is the owner's; to take it, also if it is nobody's.
-- KEYS: the lock. ARGV: the order.
local order = cjson.decode(ARGV[1])
local held = redis.call('GET', KEYS[1])
-- Whoever was given it without hearing so asks again.
local mine = held == order.owner or (order.take and not held)
if mine and order.to > 0 then
  redis.call('SET', KEYS[1], order.owner, 'PX', order.to)
elseif mine then
  redis.call('DEL', KEYS[1])
end
return cjson.encode(mine)
