/**
 * All that is counted on Redis, in one script: what `MemoryCounters` does, step by step, as one atomic decision.
 *
 * KEYS: for each reservation the key of its id, then the key of each claim; a budget's window adds its name to the key.
 * ARGV[1]: what is asked, as JSON (`redis-request.ts`). Replies are lists of whole numbers, -1 for null.
 * Nothing depends on a key having gone: keys outlive what stands in them by a minute or more.
 */
export const REDIS_SCRIPT = String.raw`
local asked = cjson.decode(ARGV[1])
local SLACK, SETTLED_KEPT, EXPIRED_KEPT = 60000, asked.settledKept, asked.expiredKept
local LONGEST, MAX = 1e12, 9007199254740991
local SWEPT = 1000 -- at most so many expired reservations at a time: the rest still counts as reserved until the next

local now = asked.now
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end

local function whole(number) return string.format('%.0f', math.min(number, MAX)) end
local function milliseconds(number) return whole(math.min(math.ceil(number), LONGEST)) end

-- Keys only ever live longer: what another gateway put there may need it.
local function keep(key, ms)
  local left = redis.call('PTTL', key)
  if left ~= -2 and left < ms then redis.call('PEXPIRE', key, milliseconds(ms)) end
end

-- Rates: 'debt:at:unit', see rate.ts.
local function writeRate(claim, key, debt)
  if claim.flow == 0 then return end
  if debt <= 0 then redis.call('DEL', key) return end
  local text = whole(debt) .. ':' .. whole(now) .. ':' .. whole(claim.unit) .. ':' .. whole(claim.flow)
  redis.call('SET', key, text, 'PX', milliseconds(debt / claim.flow + SLACK))
end

-- Its debt has flowed off by the limit that it had since. isSettled: it keeps that limit, which the claim takes over, since
-- what is settled was reserved under a former one, perhaps.
local function readRate(claim, key, isSettled)
  local text = redis.call('GET', key)
  if not text then return 0 end
  local debt, at, unit, flow = string.match(text, '^(%d+):(%d+):(%d+):(%d+)$')
  if not debt then return 0 end
  debt, at, unit, flow = tonumber(debt), tonumber(at), tonumber(unit), tonumber(flow)
  debt = math.max(0, debt - math.max(0, now - at) * flow)
  if isSettled then
    claim.unit, claim.flow = unit, flow
  elseif unit ~= claim.unit then
    debt = math.ceil(debt / unit * claim.unit)
  end
  -- The clock was set back: a time is counted twice rather than everybody locked out.
  if at > now then writeRate(claim, key, debt) end
  return debt
end

local function drainTime(claim, debt)
  if claim.flow == 0 then return 0 end
  return math.ceil(debt / claim.flow)
end

-- Places: a sorted set of ids by the time at which they expire.
local function readPlaces(key)
  redis.call('ZREMRANGEBYSCORE', key, '-inf', whole(now))
  return redis.call('ZCARD', key)
end

-- Budgets: a hash of what each part of the window has spent ('s' in the calendar) and of the sum that is reserved ('r');
-- beside it, as key..':o', the open reservations as 'amount:id' by the time at which they expire.
local function budgetKey(claim, key, when)
  if claim.part then return key .. ':' .. whole(claim.part) .. 'x' .. whole(claim.parts) end
  for _, window in ipairs(claim.windows) do
    if window.stop > when then return key .. ':' .. window.name, window end
  end
  return nil
end

local function partNow(claim) return math.floor(now / claim.part) end
local function leavesAt(claim, index) return (index + claim.parts + 1) * claim.part end

local function changeReserved(key, amount)
  if amount ~= 0 then redis.call('HINCRBY', key, 'r', string.format('%.0f', amount)) end
end

local function sweepReserved(key)
  local open = key .. ':o'
  local expired = redis.call('ZRANGEBYSCORE', open, '-inf', whole(now), 'LIMIT', 0, SWEPT)
  if #expired == 0 then return end
  local sum = 0
  for _, member in ipairs(expired) do sum = sum + tonumber(string.match(member, '^%d+')) end
  redis.call('ZREM', open, unpack(expired))
  changeReserved(key, -sum)
end

local function readReserved(key, reserved)
  reserved = tonumber(reserved or '0')
  if reserved == 0 or redis.call('EXISTS', key .. ':o') == 1 then return reserved end
  redis.call('HSET', key, 'r', '0') -- the server has thrown the reservations away
  return 0
end

local function readCalendar(key)
  local fields = redis.call('HMGET', key, 's', 'r')
  return { spent = tonumber(fields[1] or '0'), reserved = readReserved(key, fields[2]) }
end

local function readRolling(claim, key)
  local fields = redis.call('HGETALL', key)
  local account = { spent = 0, reserved = 0, parts = {} }
  for i = 1, #fields, 2 do
    if fields[i] == 'r' then
      account.reserved = readReserved(key, fields[i + 1])
    else
      local index, spent = tonumber(fields[i]), tonumber(fields[i + 1])
      if leavesAt(claim, index) <= now then
        redis.call('HDEL', key, fields[i])
      else
        account.spent = account.spent + spent
        account.parts[#account.parts + 1] = { index = index, spent = spent }
      end
    end
  end
  table.sort(account.parts, function(a, b) return a.index < b.index end)
  return account
end

local function readBudget(claim, base)
  local key, window = budgetKey(claim, base, now)
  if not key then return nil end
  sweepReserved(key)
  local account
  if claim.part then account = readRolling(claim, key) else account = readCalendar(key) end
  account.key, account.window = key, window
  return account
end

local function keepBudget(claim, key, window, expiresIn)
  local needed
  if claim.part then needed = (claim.parts + 1) * claim.part else needed = window.stop - now end
  needed = math.max(needed, expiresIn) + EXPIRED_KEPT
  keep(key, needed)
  keep(key .. ':o', needed)
end

local function chargeBudget(claim, base, amount, when)
  local key, window = budgetKey(claim, base, when)
  if not key or amount == 0 then return end
  local field = 's'
  if claim.part then
    field = whole(partNow(claim))
    -- After the clock was set back the newest part lies ahead: it goes on.
    for _, part in ipairs(readRolling(claim, key).parts) do
      if part.index > partNow(claim) then field = whole(part.index) end
    end
  end
  redis.call('HINCRBY', key, field, whole(amount))
  keepBudget(claim, key, window, 0)
end

local function rollingReset(claim, account)
  if account.reserved > 0 then return leavesAt(claim, partNow(claim)) - now end
  local newest = account.parts[#account.parts]
  if not newest then return 0 end
  return leavesAt(claim, newest.index) - now
end

local function rollingRetry(claim, account, missing)
  for _, part in ipairs(account.parts) do
    missing = missing - part.spent
    if missing <= 0 then return leavesAt(claim, part.index) - now end
  end
  return -1
end

-- A claim as it stands: the value that its kind reads.
local function read(claim, key)
  if claim.kind == 'rate' then return readRate(claim, key) end
  if claim.kind == 'place' then return readPlaces(key) end
  return readBudget(claim, key)
end

local function fits(claim, value)
  if claim.kind == 'rate' then return value + (claim.amount - claim.limit) * claim.unit <= 0 end
  if claim.kind == 'place' then return value < claim.limit end
  return value ~= nil and value.spent + value.reserved + claim.amount <= claim.limit
end

local function rateState(claim, debt, amount)
  local remaining = math.max(0, math.floor((claim.limit * claim.unit - debt) / claim.unit))
  local retry = -1
  if amount <= claim.limit then retry = drainTime(claim, math.max(0, debt + (amount - claim.limit) * claim.unit)) end
  return remaining, drainTime(claim, debt), retry
end

local function budgetState(claim, account, amount)
  if not account then return 0, 0, -1 end
  local missing = account.spent + account.reserved + amount - claim.limit
  local remaining = math.max(0, claim.limit - account.spent - account.reserved)
  local reset = account.window and math.max(0, account.window.stop - now) or rollingReset(claim, account)
  if missing <= 0 then return remaining, reset, 0 end
  if amount > claim.limit then return remaining, reset, -1 end
  return remaining, reset, account.window and reset or rollingRetry(claim, account, missing)
end

local function state(claim, value, isAsked)
  local amount = isAsked and claim.amount or 0
  if claim.kind == 'rate' then return rateState(claim, value, amount) end
  if claim.kind == 'budget' then return budgetState(claim, value, amount) end
  local remaining = math.max(0, claim.limit - value)
  return remaining, 0, (isAsked and remaining == 0) and -1 or 0
end

local function reply(claims, values, refusedBy, isAsked)
  local numbers = { refusedBy }
  for i, claim in ipairs(claims) do
    local remaining, reset, retry = state(claim, values[i], isAsked)
    local n = #numbers
    numbers[n + 1], numbers[n + 2], numbers[n + 3] = remaining, reset, retry
  end
  return numbers
end

-- What is known of an id: 'state:reservedAt:expiresAt:forgetAt', then when each claim's debt has flowed off.
local function readRecord(key)
  local text = redis.call('GET', key)
  if not text then return nil end
  local fields = {}
  for field in string.gmatch(text, '[^:]+') do fields[#fields + 1] = tonumber(field) or field end
  if fields[4] <= now then return nil end
  return fields
end

local function writeRecord(key, fields)
  local texts = { fields[1] }
  for i = 2, #fields do texts[i] = whole(fields[i]) end
  redis.call('SET', key, table.concat(texts, ':'), 'PX', milliseconds(fields[4] - now + SLACK))
end

local HELD, SETTLED = 'h', 's'

local function member(claim, id) return whole(claim.amount) .. ':' .. id end

-- Takes a claim that fits. Returns when a rate's debt has flowed off, and how the claim stands then.
local function take(claim, key, value, id, expiresIn)
  if claim.kind == 'rate' then
    value = math.min(value + claim.amount * claim.unit, MAX)
    writeRate(claim, key, value)
    return now + drainTime(claim, value), value
  end
  if claim.kind == 'place' then
    redis.call('ZADD', key, whole(now + expiresIn), id)
    keep(key, expiresIn + SLACK)
    return 0, value + 1
  end
  redis.call('ZADD', value.key .. ':o', whole(now + expiresIn), member(claim, id))
  changeReserved(value.key, claim.amount)
  keepBudget(claim, value.key, value.window, expiresIn)
  value.reserved = value.reserved + claim.amount
  return 0, value
end

local function reserve()
  local claims, record = asked.claims, readRecord(KEYS[1])
  local values, refusedBy = {}, -1
  for i, claim in ipairs(claims) do
    values[i] = read(claim, KEYS[i + 1])
    if refusedBy < 0 and not fits(claim, values[i]) then refusedBy = i - 1 end
  end
  if record and record[1] == HELD and record[3] > now then return reply(claims, values, -1, false) end
  if record and #claims > 0 then refusedBy = 0 end
  if refusedBy >= 0 then return reply(claims, values, refusedBy, true) end
  local expiresAt = now + asked.expiresIn
  local fields = { HELD, now, expiresAt, expiresAt + EXPIRED_KEPT }
  for i, claim in ipairs(claims) do
    fields[i + 4], values[i] = take(claim, KEYS[i + 1], values[i], asked.id, asked.expiresIn)
  end
  writeRecord(KEYS[1], fields)
  return reply(claims, values, -1, false)
end

local function settleRate(claim, key, actual, freeAt)
  local debt = readRate(claim, key, true)
  if not freeAt then
    debt = math.min(debt + actual * claim.unit, MAX)
  elseif actual >= claim.amount then
    debt = math.min(debt + (actual - claim.amount) * claim.unit, MAX)
  else
    local left = math.max(0, freeAt - now) * claim.flow
    debt = debt - math.min((claim.amount - actual) * claim.unit, left, debt)
  end
  writeRate(claim, key, debt)
end

local function settleBudget(claim, base, actual, reservedAt)
  local key = budgetKey(claim, base, reservedAt)
  if key and redis.call('ZREM', key .. ':o', member(claim, asked.id)) == 1 then
    changeReserved(key, -claim.amount)
  end
  chargeBudget(claim, base, actual, reservedAt)
end

local function settle()
  local record = readRecord(KEYS[1])
  if record and record[1] == SETTLED then return {} end
  for i, claim in ipairs(asked.claims) do
    local key, actual = KEYS[i + 1], asked.actual[i]
    if claim.kind == 'rate' then
      settleRate(claim, key, actual, record and record[i + 4])
    elseif claim.kind == 'place' then
      redis.call('ZREM', key, asked.id)
    else
      settleBudget(claim, key, actual, record and record[2] or now)
    end
  end
  writeRecord(KEYS[1], { SETTLED, now, now, now + SETTLED_KEPT })
  return {}
end

local function renewOne(id, claims, first)
  local record = readRecord(KEYS[first])
  if not record or record[1] ~= HELD or record[3] <= now then return end
  local expiresAt = math.max(record[3], now + asked.expiresIn)
  record[3], record[4] = expiresAt, expiresAt + EXPIRED_KEPT
  writeRecord(KEYS[first], record)
  for i, claim in ipairs(claims) do
    local key = KEYS[first + i]
    if claim.kind == 'place' then
      redis.call('ZADD', key, 'XX', whole(expiresAt), id)
      keep(key, expiresAt - now + SLACK)
    elseif claim.kind == 'budget' then
      local account, window = budgetKey(claim, key, record[2])
      redis.call('ZADD', account .. ':o', 'XX', whole(expiresAt), member(claim, id))
      keepBudget(claim, account, window, expiresAt - now)
    end
  end
end

local function renew()
  local first = 1
  for _, each in ipairs(asked.reservations) do
    renewOne(each.id, each.claims, first)
    first = first + 1 + #each.claims
  end
  return {}
end

local function peek()
  local values = {}
  for i, claim in ipairs(asked.claims) do values[i] = read(claim, KEYS[i]) end
  return reply(asked.claims, values, -1, false)
end

return ({ reserve = reserve, settle = settle, renew = renew, peek = peek })[asked.call]()
`;
