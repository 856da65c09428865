import { atLeast, atMost } from '../figures.ts'
import { inParallel } from '../parallel.ts'
import { type CallRow, callRow, timeCalls } from './calls.ts'
import type { Stage } from './stage.ts'

const password = 'bench-only-password'
const asks = 1001

/** Somebody with very many conversations opens the app: the newest page, the whole list, and what changed since. */
export async function longList(stage: Stage): Promise<CallRow> {
  const count = stage.options.conversations ?? 1000
  await stage.api.register('lister', password)
  await stage.api.register('p1', password)
  stage.say(`${count} conversations with a message each`)
  const filled = await stage.restart(({ clone }) =>
    clone('im_user', "user_id = 'p1'", { from: 2, count: count - 1 }, { user_id: "'p' || n" }),
  )
  const { api } = filled
  const token = await api.login('lister', password)
  const numbers = Array.from({ length: count }, (_, i) => i + 1)
  await inParallel(numbers, 8, (n) =>
    api.send(token, { client_msg_id: `c${n}`, recv_id: `p${n}`, msg_type: 1, content: { text: `to ${n}` } }),
  )
  const { position } = await api.ask<{ position: string }>(token, 'GET', '/sync/changes')
  const list = '/conversation/list?with_last_message=true'
  const times = (n: number): number[] => Array.from({ length: n }, (_, i) => i)
  const wholeList = await timeCalls('whole list', times(101), 1, () => api.ask(token, 'GET', list))
  const calls = [
    await timeCalls('newest 20', times(asks), 1, () => api.ask(token, 'GET', `${list}&limit=20`)),
    await timeCalls('newest 100', times(asks), 1, () => api.ask(token, 'GET', `${list}&limit=100`)),
    wholeList,
    await timeCalls('total unread', times(asks), 1, () =>
      api.ask(token, 'GET', '/conversation/unread_count'),
    ),
    await timeCalls('changes since', times(asks), 1, () =>
      api.ask(token, 'GET', `/sync/changes?position=${position}`),
    ),
  ]
  const all = await api.ask<readonly unknown[]>(token, 'GET', list)
  const reasons = all.length === count ? [] : [`${all.length} conversations listed instead of ${count}`]
  return callRow(stage, 'long-list', {
    reasons,
    size: { conversations: count },
    calls,
    figures: [
      atLeast('whole list', wholeList.perSecond, '/s', 200),
      atMost('whole list p99', wholeList.p99Ms, ' ms', 50),
    ],
  })
}
