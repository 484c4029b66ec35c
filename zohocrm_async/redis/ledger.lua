-- One order of one process to the books of an organisation's 24-hour window.
-- KEYS: books (holders, sums), credits by minute, inferred credits by minute. ARGV: the order.
local RING, MINUTE, LAST_CALL, KEPT = 1441, 60, 360, 90000
local books, minutes, inferences = KEYS[1], KEYS[2], KEYS[3]
local order = cjson.decode(ARGV[1])

local function number(field)
  return tonumber(redis.call('HGET', books, field) or '0')
end

-- Time by this server's clock, which here never goes back.
local t = redis.call('TIME')
local now = math.max(tonumber(t[1]) + tonumber(t[2]) / 1e6, number('time'))
local minute = math.floor(now / MINUTE)
redis.call('HSET', books, 'time', string.format('%.6f', now))

-- Another run of the server may have lost what was written last.
local info = redis.pcall('INFO', 'server')
local run = type(info) == 'string' and string.match(info, 'run_id:(%w+)') or ''
local known = redis.call('HGET', books, 'run')
if known ~= run then
  redis.call('HSET', books, 'run', run)
  local up = type(info) == 'string' and tonumber(string.match(info, 'uptime_in_seconds:(%d+)')) or 0
  -- Nothing is granted until all who hold something have told so. Where nothing is
  -- remembered and the process knows of no other run, that can only be so at the start.
  local wait = (known or order.run ~= '') and order.quiet or math.max(0, order.quiet - up)
  redis.call('HSET', books, 'quiet', string.format('%.6f', now + wait))
end
local quiet = number('quiet') > now

local function book(number, credits, inferred)
  if credits ~= 0 then
    redis.call('HINCRBY', minutes, number, credits)
    redis.call('HINCRBY', books, 'used', credits)
  end
  if inferred ~= 0 then redis.call('HINCRBY', inferences, number, inferred) end
  if number < minute then redis.call('HINCRBY', books, 'deep', 1) end
end

local function sweep()
  for _, field in ipairs(redis.call('HKEYS', minutes)) do
    if tonumber(field) <= minute - RING then
      redis.call('HINCRBY', books, 'used', -tonumber(redis.call('HGET', minutes, field)))
      redis.call('HDEL', minutes, field)
      redis.call('HDEL', inferences, field)
    end
  end
  redis.call('HSET', books, 'swept', minute)
  for _, key in ipairs(KEYS) do redis.call('EXPIRE', key, KEPT) end
end
if number('swept') ~= minute then sweep() end

-- What a process still knows that this server has forgotten.
for _, row in ipairs(order.restore) do
  local credits = tonumber(redis.call('HGET', minutes, row[1]) or '0')
  local inferred = tonumber(redis.call('HGET', inferences, row[1]) or '0')
  if row[1] > minute - RING and row[1] <= minute then
    book(row[1], math.max(0, row[2] - credits), math.max(0, row[3] - inferred))
  end
end

local holders, others = {}, 0
local fields = redis.call('HGETALL', books)
for i = 1, #fields, 2 do
  local token = string.match(fields[i], '^h:(.*)$')
  if token then holders[token] = cjson.decode(fields[i + 1]) end
end

-- Who gave no sign of life for long may have spent what it held.
for token, holder in pairs(holders) do
  if token ~= order.token and not quiet and holder.renewed + order.ttl < now then
    local last = math.min(minute, math.floor((holder.renewed + LAST_CALL) / MINUTE))
    if last > minute - RING then book(last, holder.held, holder.held) end
    redis.call('HDEL', books, 'h:' .. token)
    holders[token] = nil
  elseif token ~= order.token then
    others = others + holder.held
  end
end

-- Orders tell what was spent since the process joined: one whose answer was lost counts once.
local own = holders[order.token]
local booked = own and own.run == run and own.booked or order.total - order.spent
book(minute, math.max(0, order.total - booked), 0)

local function judge(header)
  local unknown = header.spent - number('used')
  if unknown > others + order.in_flight then
    book(minute, unknown - others - order.in_flight, unknown - others - order.in_flight)
  elseif unknown < 0 then
    -- What was booked or held since may be too late to be in the service's count.
    local since = 0
    for n = header.sent, minute do
      since = since + tonumber(redis.call('HGET', minutes, n) or '0')
    end
    local most, rows = -unknown - since - others, {}
    for _, field in ipairs(redis.call('HKEYS', inferences)) do
      if tonumber(field) < header.sent then rows[#rows + 1] = tonumber(field) end
    end
    table.sort(rows)
    for _, n in ipairs(rows) do
      local struck = math.max(0, math.min(most, tonumber(redis.call('HGET', inferences, n))))
      book(n, -struck, -struck)
      most = most - struck
    end
  end
end
if order.header ~= cjson.null then judge(order.header) end

local before = redis.call('HGET', books, 'allowance')
local granted = 0
if order.leave then
  book(minute, order.in_flight, order.in_flight)
  redis.call('HDEL', books, 'h:' .. order.token)
else
  local room = order.allowance - order.floor - number('used') - others - order.keep
  if room >= order.at_least and not quiet then
    granted = math.max(0, math.min(room, order.wanted))
  end
  redis.call('HSET', books, 'h:' .. order.token, cjson.encode({
    held = order.keep + granted, renewed = now, booked = order.total, run = run }))
end
if order.allowance > 0 then redis.call('HSET', books, 'allowance', order.allowance) end

-- Others book in the minute that runs; only where an older one was changed, all is read again.
local deep = number('deep')
local from = order.deep == deep and order.run == run and order.since or minute - RING + 1
local rows = {}
if from > minute - 10 then
  for n = from, minute do
    rows[#rows + 1] = { n, tonumber(redis.call('HGET', minutes, n) or '0'),
      tonumber(redis.call('HGET', inferences, n) or '0') }
  end
else
  from = minute - RING + 1
  local fields = redis.call('HGETALL', minutes)
  for i = 1, #fields, 2 do
    rows[#rows + 1] = { tonumber(fields[i]), tonumber(fields[i + 1]),
      tonumber(redis.call('HGET', inferences, fields[i]) or '0') }
  end
end
return cjson.encode({ now = now, minute = minute, run = run, deep = deep, from = from,
  rows = rows, granted = granted, quiet = math.max(0, number('quiet') - now), others = others,
  allowance = before and tonumber(before) or cjson.null })
