import type { Known } from './grammar.ts'

/** Somewhere else than in a message where text is kept. */
export interface TextPlace {
  /** Operations of the contract. */
  readonly write: string
  readonly read: string
  /** Input of `write` around a literal. */
  input(json: string): string
  /** Input of `read`. */
  readonly look: string
}

export function places({ groups, conversations, users }: Known): TextPlace[] {
  const group = `"group_id":${JSON.stringify(groups[0])}`
  const chat = `"conversation_id":${JSON.stringify(conversations[0])}`
  const of = (write: string, read: string, input: (json: string) => string, look = '{}'): TextPlace => ({
    ...{ write, read, input, look },
  })
  return [
    of('user.update', 'user.info', (json) => `{"nickname":${json}}`),
    of('user.set_status', 'user.info', (json) => `{"text":${json}}`),
    of('group.update', 'group.info', (json) => `{${group},"name":${json}}`, `{${group}}`),
    of('group.update', 'group.info', (json) => `{${group},"introduction":${json}}`, `{${group}}`),
    of(
      'group.announce',
      'group.announcements',
      (json) => `{${group},"text":${json}}`,
      `{${group},"limit":100}`,
    ),
    of(
      'group.set_nickname',
      'group.member',
      (json) => `{${group},"nickname":${json}}`,
      `{${group},"user_id":${JSON.stringify(users[0])}}`,
    ),
    of('conversation.draft', 'conversation.info', (json) => `{${chat},"text":${json}}`, `{${chat}}`),
  ]
}
