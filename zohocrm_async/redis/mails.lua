-- One order of one process to the count of an organisation's mails of a day.
-- KEYS: the day (a count, and a holder for each process). ARGV: the order.
local KEPT = 3 * 86400
local day = KEYS[1]
local order = cjson.decode(ARGV[1])
local t = redis.call('TIME')
local now = tonumber(t[1]) + tonumber(t[2]) / 1e6

local used = tonumber(redis.call('HGET', day, 'used') or '0')
local held, own = 0, nil
local fields = redis.call('HGETALL', day)
for i = 1, #fields, 2 do
  local token = string.match(fields[i], '^h:(.*)$')
  if token then
    local holder = cjson.decode(fields[i + 1])
    if token == order.token then
      own = holder
    elseif holder.renewed + order.ttl < now then
      -- Who gave no sign of life for long may have sent what it had places for.
      used = used + holder.held
      redis.call('HDEL', day, fields[i])
    else
      held = held + holder.held
    end
  end
end

-- What is known here may be less than what the process was told, if the server forgot.
local booked = own and own.booked or order.total - order.spent
used = math.max(used + math.max(0, order.total - booked), order.known)
local granted = 0
if order.limit ~= cjson.null then
  granted = math.max(0, math.min(order.wanted, order.limit - used - held - order.keep))
end
if order.fill then redis.call('HSET', day, 'filled', '1') end
redis.call('HSET', day, 'used', used, 'h:' .. order.token, cjson.encode({
  held = order.keep + granted, booked = order.total, renewed = now }))
redis.call('EXPIRE', day, KEPT)
return cjson.encode({ now = now, used = used, held = held, granted = granted,
  filled = redis.call('HEXISTS', day, 'filled') == 1 })
