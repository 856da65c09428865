import { fc, test } from '@fast-check/vitest'
import { type Operation, operations } from '@nexo-im/protocol'
import { describe, expect } from 'vitest'
import { createTokens } from '../auth.ts'
import { readQuery } from '../transports/query.ts'
import { withoutPasswords } from '../url-passwords.ts'

/** NEXO_PROPERTY_RUNS raises how often each is tried. */
const wellFormed = fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed())

describe('queries', () => {
  const operation: Operation = operations['message.pull']
  const route = operation.routes[0] as Operation['routes'][number]
  // An empty value is an absent one.
  const id = wellFormed.filter((text) => text !== '')

  test.prop([id, fc.maxSafeInteger()])(
    'read back what was encoded, and keep what is no input apart',
    (text, seq) => {
      const encoded = new URLSearchParams({ conversation_id: text, begin_seq: String(seq), other: text })
      const { query, views } = readQuery(encoded.toString(), operation, route)
      expect(query).toEqual({ conversation_id: text, begin_seq: seq })
      expect(views.get('other')).toBe(text)
    },
  )
})

describe('tokens', () => {
  const tokens = createTokens('a secret of at least thirty-two bytes', {
    now: () => 1_700_000_000_000,
  } as Parameters<typeof createTokens>[1])
  const claims = fc.record(
    {
      userId: wellFormed,
      platformId: fc.integer(),
      sessionId: wellFormed,
      expiresAt: fc.integer({ min: 1_700_000_001, max: 4_000_000_000 }),
      generation: fc.nat(),
    },
    { requiredKeys: ['userId', 'platformId', 'sessionId', 'expiresAt'] },
  )

  test.prop([claims])('say what they were signed with', async (signed) => {
    expect(await tokens.verify(await tokens.sign(signed))).toEqual(signed)
  })

  test.prop([claims, fc.nat(), fc.integer({ min: 1, max: 255 })])(
    'are worth nothing with a bit of what they say changed',
    async (signed, at, bits) => {
      const token = await tokens.sign(signed)
      const bytes = Buffer.from(token)
      const place = at % token.lastIndexOf('.')
      bytes[place] = (bytes[place] ?? 0) ^ bits
      await expect(tokens.verify(bytes.toString('latin1'))).rejects.toMatchObject({ kind: 'token_invalid' })
    },
  )
})

describe('addresses that are shown', () => {
  const word = fc.string({ unit: fc.constantFrom(...'abcXYZ019:@/?&=.'), minLength: 8, maxLength: 24 })

  test.prop([word, fc.constantFrom('mysql', 'redis', 'mongodb')])(
    'hold no password, whatever it is made of',
    (password, scheme) => {
      const secret = encodeURIComponent(password)
      expect(withoutPasswords(`${scheme}://user:${secret}@host:1/db`)).toBe(`${scheme}://user:***@host:1/db`)
    },
  )
})
