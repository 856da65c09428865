import { type Notice, noticeKinds } from '@nexo-im/protocol'
import { describe, expect, it } from 'vitest'
import { createText } from '../i18n/index.ts'
import { type NoticePeople, noticeWords } from './notice-words.ts'

const en = createText('en')
const zh = createText('zh')
const now = new Date(2026, 10, 24, 12, 0).getTime()

function notice(kind: Notice['kind'], data: Notice['data'] = {}, users: readonly string[] = ['bob']): Notice {
  return {
    conversation_id: 'gr_1',
    position: 1,
    at_seq: 0,
    kind,
    actor_id: 'ann',
    user_ids: [...users],
    data,
    created_at: now,
  }
}

const people: NoticePeople = { actor: 'Ann', users: ['Bob'], count: 1, isOwn: () => false }
const words = (one: Notice, who: Partial<NoticePeople> = {}, t = en): string =>
  noticeWords(one, { ...people, ...who }, t, now)

describe('the sentence of a notice', () => {
  it.each(noticeKinds)('of kind %s has no hole left and names who did it, in both languages', (kind) => {
    for (const t of [en, zh]) {
      const sentence = words(notice(kind, { text: 'x', seconds: 60, until: now, role_level: 2 }), {}, t)
      expect(sentence).not.toMatch(/[{}]/)
      expect(sentence).toMatch(/Ann|Bob/)
    }
  })

  it.each<[Notice['data'], string]>([
    [{ cause: 'open' }, 'Bob joined'],
    [{ cause: 'link' }, 'Bob joined by an invite link'],
    [{ cause: 'invite' }, 'Ann added Bob'],
    [{ cause: 'approval' }, 'Ann let Bob in'],
    [{}, 'Bob joined'],
  ])('of joining by %j is “%s”', (data, sentence) => {
    expect(words(notice('member_joined', data))).toBe(sentence)
  })

  it('says “You” at its beginning and “you” within', () => {
    const own = { users: ['you'], isOwn: (part: string) => part === 'user' }
    expect(words(notice('member_joined', { cause: 'open' }), own)).toBe('You joined')
    expect(words(notice('member_kicked'), own)).toBe('Ann removed you')
    expect(words(notice('member_left'), own)).toBe('You left')
  })

  it('names three people and counts the rest', () => {
    const three = { users: ['Bob', 'Cid', 'Dan'] }
    expect(words(notice('group_created'), { ...three, count: 3 })).toBe(
      'Ann created the group with Bob, Cid and Dan',
    )
    expect(words(notice('group_created'), { ...three, count: 9 })).toBe(
      'Ann created the group with Bob, Cid, Dan and 6 more',
    )
    expect(words(notice('group_created'), { ...three, count: 9 }, zh)).toContain('Bob、Cid、Dan等 9 人')
    expect(words(notice('group_created', {}, []), { users: [], count: 0 })).toBe('Ann created the group')
  })

  it('tells a change of one field by its name, of several as settings', () => {
    expect(words(notice('group_changed', { name: 'Grove' }))).toBe('Ann renamed the group “Grove”')
    expect(words(notice('group_changed', { name: 'Grove', join_mode: 1 }))).toBe(
      'Ann changed the group’s settings',
    )
    expect(words(notice('group_changed', { join_mode: 1 }))).toBe('Ann changed the group’s settings')
  })

  it('ends a mute, takes down an announcement and turns disappearing off when there is nothing left', () => {
    expect(words(notice('member_muted', { until: 0 }))).toBe('Ann unmuted Bob')
    expect(words(notice('all_muted', { until: 0 }))).toBe('Ann lets everybody write again')
    expect(words(notice('announced', { text: '' }))).toBe('Ann took the announcement down')
    expect(words(notice('expiry_changed', { seconds: 0 }))).toBe('Ann turned disappearing messages off')
    expect(words(notice('expiry_changed', { seconds: 86_400 }))).toBe(
      'Ann let messages disappear after 1 day',
    )
  })
})
