import type { Rule } from './rule.ts'
import { sumOf, watchedServers } from './server-figures.ts'

/** Files that a server opens once, when it first needs them. */
const openedOnce = 16

/** What clients took is given back when they are gone, whichever life of the server they were served by. */
export const nothingLeaks: Rule = {
  id: 'I16',
  says: 'when all clients are gone a server has no more files, sockets and waiting work than before',
  check: (world, fail) => {
    let cases = 0
    for (const { node, begin, end } of watchedServers(world)) {
      const told = end.figures ?? begin.figures
      if (begin.files !== undefined && end.files !== undefined && told !== undefined) {
        cases += 1
        // Connections to a database are kept.
        const most = begin.files + sumOf(told, 'im_store_pool_limit_connections') + openedOnce
        if (end.files > most) fail(`server ${node} has ${end.files} files open, ${begin.files} before`)
      }
      if (end.figures === undefined) continue
      const rests = ['im_sockets', 'im_users_online', 'im_writer_waiting_changes', 'im_push_waiting_sockets']
      for (const name of rests) {
        cases += 1
        const rest = sumOf(end.figures, name)
        if (rest !== 0) fail(`server ${node} says ${name} ${rest} when nobody is there`)
      }
    }
    return cases
  },
}
