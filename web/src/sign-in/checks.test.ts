import { describe, expect, it } from 'vitest'
import { problemsOf } from './checks.ts'

const good = { userId: 'ann', nickname: 'Ann', password: 'correct horse' }

describe('the entries of a new account', () => {
  it.each([
    [good, {}],
    [{ ...good, nickname: '' }, {}],
    [{ ...good, userId: ' ann ' }, {}],
    [{ ...good, userId: ' ' }, { userId: 'sign.userId.missing' }],
    [{ ...good, userId: 'a:b' }, { userId: 'sign.userId.shape' }],
    [{ ...good, userId: '𝒜'.repeat(64) }, {}],
    [{ ...good, userId: 'a'.repeat(65) }, { userId: 'sign.userId.long' }],
    [{ ...good, nickname: 'n'.repeat(129) }, { nickname: 'sign.nickname.long' }],
    [{ ...good, password: '' }, { password: 'sign.password.missing' }],
    [{ ...good, password: 'seven77' }, { password: 'sign.password.short' }],
    [{ ...good, password: '三个字' }, {}],
    [{ ...good, password: '字'.repeat(86) }, { password: 'sign.password.long' }],
  ])('%j have the problems %j', (entries, problems) => {
    expect(problemsOf(entries, 'up')).toEqual(problems)
  })
})

describe('the entries of signing in', () => {
  it('are not held to the password rules of today', () => {
    expect(problemsOf({ userId: 'ann', nickname: '', password: 'short' }, 'in')).toEqual({})
  })

  it('need both fields', () => {
    const problems = problemsOf({ userId: '', nickname: '', password: '' }, 'in')
    expect(problems).toEqual({ userId: 'sign.userId.missing', password: 'sign.password.missing' })
  })
})
