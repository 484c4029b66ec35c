-- One order of one process to the slots of an organisation: what it uses and wants of them.
-- KEYS: slots (what all share, and a holder for each process). ARGV: the order.
--
-- Of two pools, "every" call and the "heavy" ones, each holder has so many slots, and may
-- be limited to fewer because others want them. Only a holder's own order makes it hold
-- fewer, and never fewer than it uses; so a process never uses more than it holds here.
--
-- A call may need several slots at once, and waits for ever where others are handed each
-- that falls free. Who has waited for half a lease gets a "turn": until that call has gone it
-- is the first of its class, in both pools. There is one turn at a time, and half of the time.
local KEPT, QUANTUM, OWED = 3600, 200, 50
local key = KEYS[1]
local order = cjson.decode(ARGV[1])
local POOLS = { 'every', 'heavy' }

local t = redis.call('TIME')
local now = tonumber(t[1]) * 1000 + math.floor(tonumber(t[2]) / 1000)

local holders, tokens, shared = {}, {}, nil
local fields = redis.call('HGETALL', key)
for i = 1, #fields, 2 do
  if fields[i] == 'shared' then
    shared = cjson.decode(fields[i + 1])
  else
    local holder = cjson.decode(fields[i + 1])
    -- The clock may have been set back, or be that of another host since a failover.
    holder.expires = math.min(holder.expires, now + holder.lease)
    holders[fields[i]] = holder
  end
end

-- Another run of the server may have lost what was granted last: nothing is granted until
-- all who hold something have told so, or their leases are over.
local info = redis.pcall('INFO', 'server')
local run = type(info) == 'string' and string.match(info, 'run_id:(%w+)') or ''
local function outage()
  -- Who goes on with a share while the server is away has to come back first.
  if not order.sharing or not shared or shared.last + order.lease > now then return false end
  for _, holder in pairs(holders) do
    if holder.expires < now then return true end
  end
  return false
end
if not shared or shared.run ~= run or outage() then
  local up = type(info) == 'string' and tonumber(string.match(info, 'uptime_in_seconds:(%d+)')) or 0
  local wait = (shared or order.run ~= '') and order.lease or math.max(0, order.lease - up * 1000)
  shared = shared or { version = 0, starved = false, owed = { 0, 0 }, kind = 0 }
  for _, holder in pairs(holders) do wait = math.max(wait, holder.lease) end
  shared.run, shared.quiet, shared.pause = run, now + wait, wait
end
shared.quiet = math.min(shared.quiet, now + shared.pause)
local quiet = shared.quiet > now

-- Limits: those that were configured hold over those that a process asked the organisation for.
local others = false
for token, holder in pairs(holders) do
  if holder.expires < now then holders[token] = nil
  elseif token ~= order.token then others = true end
end
local conflict = false
if order.kind >= shared.kind and order.kind > 0 then
  local same = shared.limits and shared.limits.text == order.limits.text
  if order.kind == 2 and shared.kind == 2 and others and not same then
    conflict = true
  else
    shared.limits, shared.kind = order.limits, order.kind
  end
end
local limits = shared.limits or order.limits
if conflict then
  return cjson.encode({ conflict = true, limits = limits })
end
local size = { every = limits.concurrency, heavy = limits.heavy_concurrency }

-- The holder that orders: as it was left, or as it says where nothing is known of it.
local own = holders[order.token]
if own and order.seq <= own.seq then
  return cjson.encode({ stale = true })
end
local function sum(list) return list[1] + list[2] + list[3] end
local used = { every = sum(order.using.every), heavy = sum(order.using.heavy) }
if own then
  for _, pool in ipairs(POOLS) do
    if order.version == own.version then
      own.held[pool] = math.min(own.held[pool], math.max(order.keep[pool], used[pool]))
    end
    own.held[pool] = math.max(own.held[pool], used[pool])
  end
else
  own = { held = {}, limit = {}, low = { every = 0, heavy = 0 }, wanted = {},
    served = { every = 0, heavy = 0 }, version = 0, channel = order.channel }
  for _, pool in ipairs(POOLS) do
    local room = size[pool]
    for _, holder in pairs(holders) do room = room - holder.held[pool] end
    own.held[pool] = math.max(used[pool], math.min(order.keep[pool], math.max(0, room)))
    own.limit[pool] = own.held[pool]
  end
  for _, holder in pairs(holders) do
    for pool, served in pairs(holder.served) do
      own.served[pool] = own.served[pool] > 0 and math.min(own.served[pool], served) or served
    end
  end
  holders[order.token] = own
end
own.seq, own.using, own.waiting = order.seq, order.using, order.waiting
if order.went ~= own.went or sum(order.at_once.every) + sum(order.at_once.heavy) == 0 then
  own.since = nil
else
  own.since = own.since or now
end
own.beside, own.at_once, own.went = order.beside, order.at_once, order.went
own.expires, own.lease = now + order.lease, order.lease
for token in pairs(holders) do tokens[#tokens + 1] = token end
table.sort(tokens)

-- Who had how much while somebody wanted more decides who is next.
local passed = shared.last and math.max(0, math.min(1000, now - shared.last)) or 0
for _, holder in pairs(holders) do
  for _, pool in ipairs(POOLS) do
    -- What lies idle, as heavy slots, more of all or the headroom are missing, nobody has had.
    local had = math.min(holder.held[pool], holder.wanted[pool] or holder.held[pool])
    if math.max(unpack(holder.at_once[pool])) > holder.limit[pool] then
      had = sum(holder.using[pool])
    elseif limits.headroom > 0 then
      had = math.min(had, math.max(holder.low[pool], sum(holder.using[pool])))
    end
    holder.served[pool] = shared.starved and holder.served[pool] + had * passed or 0
  end
end
for _, pool in ipairs(POOLS) do
  local least
  for _, holder in pairs(holders) do
    least = math.min(least or holder.served[pool], holder.served[pool])
  end
  for _, holder in pairs(holders) do holder.served[pool] = holder.served[pool] - least end
end
shared.last = now

local function several(holder, class)
  return math.max(holder.at_once.every[class], holder.at_once.heavy[class])
end
local turn = shared.turn
if turn then
  local holder, taken = holders[turn.token], math.max(0, now - turn.began)
  local gone = not holder or holder.went ~= turn.went or several(holder, turn.class) == 0
  if gone or taken > order.lease then
    if holder then holder.since = now end
    shared.rest, turn = now + taken, nil
  end
end
if not turn and now >= math.min(shared.rest or 0, now + order.lease) then
  local first
  for _, token in ipairs(tokens) do
    local holder = holders[token]
    for class = 1, 3 do
      local since = several(holder, class) > 0 and holder.since
      if since and now - since >= order.lease / 2 and (not first or since < first) then
        first = since
        turn = { token = token, class = class, went = holder.went, began = now }
      end
    end
  end
end
shared.turn = turn

-- A lower class that waits is owed a part of the time, whatever a higher one wants.
local function wants(class)
  for _, holder in pairs(holders) do
    if holder.waiting.every[class] + holder.waiting.heavy[class] > 0 then return true end
  end
  return false
end
local early = {}
for lower = 1, 2 do
  local owed, class = shared.owed[lower], lower + 1
  if wants(class) then
    local whole, used = 0, 0
    for _, holder in pairs(holders) do
      whole = math.max(whole, several(holder, class))
      used = used + holder.using.every[class]
    end
    early[lower] = owed > 0 and math.min(math.max(math.ceil(owed / OWED), whole), size.every) or 0
    -- Several slots take their time to fall free, and count once they are had.
    local had = whole > 0 and math.min(early[lower], used) or early[lower]
    owed = owed + (limits.shares[lower] * size.every - had) * passed
    shared.owed[lower] = math.max(-OWED * 4, math.min(owed, OWED * 4))
  else
    early[lower], shared.owed[lower] = 0, 0
  end
end

-- Hand out the slots of a pool one by one: by class, in a class to who has the fewest of
-- it, among these to who had the least so far; at first what a call needs at once, and
-- before all others to whose turn it is. Returns whose each slot is, in that order.
local function fill(pool, want)
  local steps, given, left, whole = {}, {}, {}, {}
  for _, token in ipairs(tokens) do
    left[token], whole[token] = want(holders[token])
    holders[token].wanted[pool] = sum(left[token])
  end
  local lower = math.max(1, size[pool] - limits.headroom)
  local function first(class, passed_over)
    local best, rank
    for _, token in ipairs(tokens) do
      if left[token][class] > 0 and not passed_over[token] then
        local mine = { given[class][token] or 0, math.floor(holders[token].served[pool] / QUANTUM) }
        if mine[1] == 0 and turn and turn.token == token and turn.class == class then
          mine[1] = -1
        end
        if not best or mine[1] < rank[1] or (mine[1] == rank[1] and mine[2] < rank[2]) then
          best, rank = token, mine
        end
      end
    end
    return best
  end
  local function serve(class, most)
    local passed_over = {}
    given[class] = given[class] or {}
    while most > 0 do
      local best = first(class, passed_over)
      if not best then return end
      local had, slots = given[class][best] or 0, 1
      if had == 0 then slots = math.min(whole[best][class], left[best][class], size[pool]) end
      -- Where the headroom leaves too few for a call, it goes without, if it is alone.
      if slots > most and not (#steps == 0 and slots > lower) then
        slots = had < holders[best].using[pool][class] and 1 or 0
        passed_over[best] = slots == 0
      end
      for _ = 1, slots do steps[#steps + 1] = best end
      left[best][class] = left[best][class] - slots
      given[class][best] = had + slots
      most = most - slots
    end
  end
  serve(2, math.min(early[1], lower))
  serve(3, math.min(early[2], lower - #steps))
  serve(1, size[pool] - #steps)
  serve(2, lower - #steps)
  serve(3, lower - #steps)
  local unmet = false
  for _, token in ipairs(tokens) do unmet = unmet or sum(left[token]) > 0 end
  return steps, lower, unmet
end

-- Grant what is free, and limit those who have more than their part to what others miss.
local function lend(pool, steps, lower)
  local held, aim, low, missing = 0, {}, {}, 0
  for _, token in ipairs(tokens) do
    held = held + holders[token].held[pool]
    aim[token], low[token] = 0, 0
  end
  local room = quiet and 0 or size[pool] - held
  for n, token in ipairs(steps) do
    local holder = holders[token]
    aim[token] = aim[token] + 1
    if n <= lower then low[token] = low[token] + 1 end
    if aim[token] > holder.held[pool] then
      if room > 0 then
        holder.held[pool], room, holder.changed = holder.held[pool] + 1, room - 1, true
        held = held + 1
      else
        missing = missing + 1
      end
    end
  end
  missing = math.max(missing, -room)
  local told, all = {}, 0
  for _, token in ipairs(tokens) do
    told[token] = holders[token].low[pool]
    all = all + told[token]
  end
  for _, token in ipairs(tokens) do
    local holder = holders[token]
    local excess = math.max(0, math.min(missing, holder.held[pool] - aim[token]))
    missing = missing - excess
    -- Who comes back with calls of a lapsed lease starts none until there is room for it.
    local fits = size[pool] - (held - holder.held[pool])
    local limit = math.max(0, math.min(holder.held[pool] - excess, fits))
    if holder.limit[pool] ~= limit then holder.limit[pool], holder.changed = limit, true end
    if limits.headroom > 0 then
      -- What another was told that it may use, it may be using.
      local left = math.max(0, lower - (all - told[token]))
      limit = math.min(limit, low[token], left)
      if told[token] ~= limit then holder.changed = true end
    end
    holder.low[pool] = limit
  end
end

local heavy_steps, heavy_lower, heavy_unmet = fill('heavy', function(holder)
  local want, whole = {}, {}
  for class = 1, 3 do
    want[class] = holder.using.heavy[class] + holder.waiting.heavy[class]
    whole[class] = math.max(1, holder.at_once.heavy[class])
  end
  return want, whole
end)
lend('heavy', heavy_steps, heavy_lower)
local steps, lower, unmet = fill('every', function(holder)
  local want, whole, heavy = {}, {}, holder.limit.heavy - sum(holder.using.heavy)
  for class = 1, 3 do
    -- A heavy call wants slots of all calls only where it gets its heavy ones.
    local waiting, at_once = holder.waiting.heavy[class], math.max(1, holder.at_once.every[class])
    local first, more = math.max(1, holder.at_once.heavy[class]), 0
    if waiting > 0 and heavy >= first then
      local part = math.min(heavy, waiting)
      local beside = holder.beside[class]
      more = math.min(beside, math.max(at_once, math.ceil(beside * part / waiting)))
      heavy = heavy - part
    end
    want[class] = holder.using.every[class] + holder.waiting.every[class] + more
    -- One of several slots goes with heavy ones that others of its process use now.
    local light = waiting == 0 or holder.waiting.every[class] >= at_once
    whole[class] = (light or holder.limit.heavy >= first) and at_once or 1
    want[class] = math.max(want[class], whole[class] > 1 and whole[class] or 0)
  end
  return want, whole
end)
lend('every', steps, lower)
shared.starved = unmet or heavy_unmet

local function state(holder)
  return { name = order.name, version = holder.version, held = holder.held,
    limit = holder.limit, low = holder.low }
end
for _, token in ipairs(tokens) do
  local holder = holders[token]
  if holder.changed then
    shared.version = math.max(shared.version + 1, now)
    holder.version, holder.changed = shared.version, nil
    if token ~= order.token then
      redis.call('PUBLISH', holder.channel, cjson.encode(state(holder)))
    end
  end
end

local answer = state(own)
answer.run, answer.quiet, answer.starved = run, math.max(0, shared.quiet - now), shared.starved
answer.limits, answer.known = limits, shared.kind > 0
if own.held.every == 0 and own.held.heavy == 0 and sum(own.waiting.every) == 0
  and sum(own.waiting.heavy) == 0 then
  holders[order.token] = nil
end
local all = { 'shared', cjson.encode(shared) }
for token, holder in pairs(holders) do
  all[#all + 1], all[#all + 2] = token, cjson.encode(holder)
end
redis.call('DEL', key)
redis.call('HSET', key, unpack(all))
redis.call('EXPIRE', key, KEPT)
return cjson.encode(answer)
