import { createHash } from 'node:crypto'

/**
 * What Redis runs. Every one first looks whose data it meets and how far they go, in the same step as its work: a Redis
 * that was emptied or lost its tail under a running node must never answer as if nothing had ever been written.
 */
export interface Script {
  readonly text: string
  readonly sha: string
}

/** KEYS[1] is the log; ARGV[1] whose data are expected, ARGV[2] the last position this node has seen. */
const guard = `
local log = redis.call('HMGET', KEYS[1], 'id', 'position')
if log[1] ~= ARGV[1] then return redis.error_reply('GONE other data or none') end
if tonumber(log[2]) < tonumber(ARGV[2]) then return redis.error_reply('BEHIND ' .. log[2]) end
`

/** Lua takes a few thousand arguments at once; more go in parts. */
const fetch = `
local function fetch(key, fields, first)
  local found = {}
  for i = first, #fields, 4000 do
    local part = redis.call('HMGET', key, unpack(fields, i, math.min(i + 3999, #fields)))
    for j = 1, #part do found[#found + 1] = part[j] end
  end
  return found
end
`

/** From pointers to messages: each pointer that is there, followed by the message or false. */
const follow = `
local function follow(pointers)
  local found = {}
  for i = 1, #pointers do
    local pointer = pointers[i]
    found[#found + 1] = pointer
    if pointer then
      local seq, conversation = string.match(pointer, '^(%d+):(.*)$')
      found[#found + 1] = redis.call('HGET', KEYS[2] .. conversation, seq)
    else
      found[#found + 1] = false
    end
  end
  return found
end
`

const script = (...parts: readonly string[]): Script => {
  const text = parts.join('')
  return { text, sha: createHash('sha1').update(text).digest('hex') }
}

export const scripts = {
  /** → the position of the log. */
  position: script(guard, `return log[2]`),

  /** KEYS[2] a hash, ARGV[3…] fields → their values. */
  fields: script(guard, fetch, `return fetch(KEYS[2], ARGV, 3)`),

  /**
   * KEYS[2] an index, KEYS[3] its records; ARGV[3] prefix, ARGV[4] beyond what ('' = all), ARGV[5] limit
   * → the records, in one step with the index: nobody removes one in between.
   */
  list: script(
    guard,
    fetch,
    `local least = ARGV[4] == '' and '[' .. ARGV[3] or '(' .. ARGV[4] .. '\\255'
    local members = redis.call('ZRANGEBYLEX', KEYS[2], least, '(' .. ARGV[3] .. '\\255', 'LIMIT', 0, ARGV[5])
    for i = 1, #members do members[i] = string.match(members[i], '%z([^%z]*)$') or members[i] end
    return fetch(KEYS[3], members, 1)`,
  ),

  /** KEYS[2] heads, KEYS[3] the messages of a conversation; ARGV[3] it, ARGV[4…6] from, to, limit → from, messages. */
  read: script(
    guard,
    fetch,
    `local from = math.max(1, tonumber(ARGV[4]))
    local head = tonumber(redis.call('HGET', KEYS[2], ARGV[3]) or 0)
    local to = math.min(head, tonumber(ARGV[5]), from + tonumber(ARGV[6]) - 1)
    local seqs = {}
    for seq = from, to do seqs[#seqs + 1] = string.format('%.0f', seq) end
    return {string.format('%.0f', from), fetch(KEYS[3], seqs, 1)}`,
  ),

  /** KEYS[2] conversations; ARGV[3] beyond which, ARGV[4] limit → their ids. */
  conversations: script(
    guard,
    `return redis.call('ZRANGEBYLEX', KEYS[2], '(' .. ARGV[3], '+', 'LIMIT', 0, ARGV[4])`,
  ),

  /** KEYS[2] in front of messages, KEYS[3] heads; ARGV[3…] conversations → last messages. */
  last: script(
    guard,
    fetch,
    follow,
    `local heads = fetch(KEYS[3], ARGV, 3)
    for i = 1, #heads do heads[i] = heads[i] and heads[i] .. ':' .. ARGV[i + 2] end
    return follow(heads)`,
  ),

  /** KEYS[2] in front of messages, KEYS[3] twins; ARGV[3…] names → messages. */
  twins: script(guard, fetch, follow, `return follow(fetch(KEYS[3], ARGV, 3))`),

  /** KEYS[2] in front of messages; ARGV[3…] pointers → messages. */
  entries: script(
    guard,
    follow,
    `local pointers = {}
    for i = 3, #ARGV do pointers[i - 2] = ARGV[i] end
    return follow(pointers)`,
  ),

  /**
   * KEYS[2] the pen, KEYS[3] twins; ARGV[3] where it was judged, ARGV[4] next position, ARGV[5] this node, ARGV[6] for how
   * many ms it reserves the pen, ARGV[7] how many twins, then field and value of each, then commands: how many words, words.
   * → kept · twin · late · held, each with the position. The position is the fence. A node that comes too late reserves the
   * pen in the same step, so that small batches of others cannot starve it.
   */
  commit: script(
    guard,
    `local pen = redis.call('GET', KEYS[2])
    if pen and pen ~= ARGV[5] then return {'held', log[2]} end
    if log[2] ~= ARGV[3] then
      redis.call('SET', KEYS[2], ARGV[5], 'PX', ARGV[6])
      return {'late', log[2]}
    end
    local ops = 8 + 2 * tonumber(ARGV[7])
    for i = 8, ops - 1, 4000 do
      local names = {}
      for j = i, math.min(i + 3999, ops - 1), 2 do names[#names + 1] = ARGV[j] end
      for _, twin in ipairs(redis.call('HMGET', KEYS[3], unpack(names))) do
        if twin then return {'twin', log[2]} end
      end
    end
    for i = 8, ops - 1, 4000 do redis.call('HSET', KEYS[3], unpack(ARGV, i, math.min(i + 3999, ops - 1))) end
    while ARGV[ops] do
      local words = tonumber(ARGV[ops])
      redis.call(unpack(ARGV, ops + 1, ops + words))
      ops = ops + 1 + words
    end
    redis.call('HSET', KEYS[1], 'position', ARGV[4])
    if pen then redis.call('DEL', KEYS[2]) end
    return {'kept', ARGV[4]}`,
  ),

  /** ARGV[3] a position; → where the log stands, there at the least. */
  advance: script(
    guard,
    `if tonumber(log[2]) >= tonumber(ARGV[3]) then return log[2] end
    redis.call('HSET', KEYS[1], 'position', ARGV[3])
    return ARGV[3]`,
  ),

  /** KEYS[2] the pen; ARGV[3] this node, ARGV[4] ms → taken or held, position. */
  take: script(
    guard,
    `local pen = redis.call('GET', KEYS[2])
    if pen and pen ~= ARGV[3] then return {'held', log[2]} end
    redis.call('SET', KEYS[2], ARGV[3], 'PX', ARGV[4])
    return {'taken', log[2]}`,
  ),

  /** KEYS[2] the pen; ARGV[3] this node. */
  release: script(guard, `if redis.call('GET', KEYS[2]) == ARGV[3] then redis.call('DEL', KEYS[2]) end`),
} as const satisfies Record<string, Script>

/**
 * KEYS log, a key that is never there, heads, twins, a record kind, an index; ARGV[1] a new id, ARGV[2] schema, ARGV[3] first position,
 * ARGV[4] layout of the records → schema, id, position, layout of the data found or begun.
 * The commands without effect are those of every commit: a user who may not run one of them must be told at the start, and
 * not when half a batch stands.
 */
export const beginning = script(`
redis.call('HDEL', KEYS[4], '')
redis.call('ZADD', KEYS[6], 'XX', 0, '')
redis.call('ZREM', KEYS[6], '')
redis.call('ZRANGEBYLEX', KEYS[6], '-', '+', 'LIMIT', 0, 1)
redis.call('HGET', KEYS[5], '')
redis.call('SET', KEYS[2], '', 'XX', 'PX', 1)
redis.call('DEL', KEYS[2])
if redis.call('EXISTS', KEYS[1]) == 0 then
  if redis.call('EXISTS', KEYS[3], KEYS[4]) > 0 then return redis.error_reply('DAMAGED the log is missing') end
  redis.call('HSET', KEYS[1], 'id', ARGV[1], 'schema', ARGV[2], 'position', ARGV[3], 'layout', ARGV[4])
else
  redis.call('HSET', KEYS[1], 'schema', redis.call('HGET', KEYS[1], 'schema'))
end
return redis.call('HMGET', KEYS[1], 'schema', 'id', 'position', 'layout')
`)
