import type { Mutant } from '../mutant.ts'

const session = 'server/src/core/session.ts'
const requestLimits = 'server/src/core/request-limits.ts'
const websocket = 'server/src/transports/websocket.ts'
const sessionTest = 'server/src/core/session.test.ts'
const limitsTest = 'server/src/transports/limits.test.ts'
const websocketTest = 'server/src/transports/websocket.test.ts'
const metricsTest = 'server/src/metrics/metrics.test.ts'

/** Bugs at the doors: the order of frames, slow sockets, limits, the end, and the figures told of all that. */
export const doorMutants: readonly Mutant[] = [
  {
    id: 'push-before-answer',
    what: 'an own message is pushed before its answer left',
    edits: [
      {
        file: session,
        find: 'if (this.#held.length > 0 || this.#waitsForAnswer(push)) this',
        replace: 'if (this.#held.length > 0) this',
      },
    ],
    suites: [sessionTest],
  },
  {
    id: 'push-overtakes',
    what: 'pushes overtake the own one that waits',
    edits: [
      {
        file: session,
        find: 'if (this.#held.length > 0 || this.#waitsForAnswer(push)) this',
        replace: 'if (this.#waitsForAnswer(push)) this',
      },
    ],
    suites: [sessionTest],
  },
  {
    id: 'answers-overtake',
    what: 'an answer does not wait for the one before it',
    edits: [{ file: 'server/src/transports/requests.ts', find: '    await mine\n', replace: '' }],
    suites: [websocketTest],
  },
  {
    id: 'hole-untold',
    what: 'a later push passes a hole that nobody was told of',
    edits: [{ file: session, find: '      this.drained()\n      if (this', replace: '      if (this' }],
    suites: [sessionTest],
  },
  {
    id: 'resync-dropped',
    what: 'nobody is told of pushes that were left out',
    edits: [{ file: session, find: 'this.#behind.set(conversation, seq)', replace: '' }],
    suites: [sessionTest, 'server/src/transports/slow-socket.test.ts'],
  },
  {
    id: 'slow-socket-kept',
    what: 'a socket that takes nothing is kept for ever',
    edits: [
      {
        file: session,
        find: 'now - this.#stalledSince >= this.#parts.limits.stallLimit',
        replace: 'now < this.#stalledSince',
      },
    ],
    suites: [sessionTest],
  },
  {
    id: 'socket-outlives-token',
    what: 'a socket lives longer than its token',
    edits: [{ file: session, find: "if (now >= this.expiresAt) return this.kick('expired')", replace: '' }],
    suites: [sessionTest],
  },
  {
    id: 'not-wanted-pushed',
    what: 'whoever wants no pushes of a conversation gets them',
    edits: [
      {
        file: 'server/src/core/audiences.ts',
        find: 'audience.quiet.length === 0 ? found : found.filter((session) => !isQuiet(session))',
        replace: 'found',
      },
    ],
    suites: ['server/src/core/conversations/conversations.test.ts'],
  },
  {
    id: 'rate-limit-off',
    what: 'nobody counts what a user asks',
    edits: [{ file: requestLimits, find: 'limits[kind].take(caller.userId)', replace: 'void kind' }],
    suites: [limitsTest],
  },
  {
    id: 'device-limit-off',
    what: 'nobody counts what a device asks',
    edits: [{ file: requestLimits, find: 'limits.devices.take(caller.sessionId)', replace: '' }],
    suites: [limitsTest],
  },
  {
    id: 'address-limit-off',
    what: 'nobody counts what an address asks',
    edits: [
      {
        file: requestLimits,
        find: 'if (caller.address !== undefined) limits.addresses.take(caller.address)',
        replace: '',
      },
    ],
    suites: ['server/src/core/request-limits.test.ts'],
  },
  {
    id: 'login-limit-off',
    what: 'passwords can be tried without end',
    edits: [
      {
        file: 'server/src/core/people/sign-ins.ts',
        find: 'if (caller.address !== undefined) world.limits.logins.take(caller.address)\n  const user',
        replace: 'const user',
      },
    ],
    suites: ['server/src/core/people/sessions.test.ts'],
  },
  {
    id: 'limit-not-told',
    what: 'what a user asked of one node is not counted on the others',
    edits: [{ file: 'server/src/core/limits.ts', find: '        window.count += count\n', replace: '' }],
    suites: ['server/src/core/cluster/cluster.test.ts'],
  },
  {
    id: 'frame-of-any-size',
    what: 'frames may be of any size',
    edits: [{ file: websocket, find: 'maxPayload: options.maxFrame,', replace: '' }],
    suites: [websocketTest],
  },
  {
    id: 'sockets-without-number',
    what: 'one address may open all sockets there are',
    edits: [
      {
        file: 'server/src/transports/seats.ts',
        find: 'isFull(addresses, address, most.perAddress)',
        replace: 'isFull(addresses, address, Number.MAX_VALUE)',
      },
    ],
    suites: ['server/src/attacks/amplification.test.ts'],
  },
  {
    id: 'any-origin',
    what: 'a page of any origin may open a socket',
    edits: [
      {
        file: 'server/src/transports/handshake.ts',
        find: "if (!originAllowed(request.headers.origin, request.headers.host, options)) throw new ImError('forbidden')",
        replace: 'void originAllowed',
      },
    ],
    suites: ['server/src/attacks/origins.test.ts'],
  },
  {
    id: 'hook-unjudged',
    what: 'what a hook makes of a request is not judged again',
    edits: [
      {
        file: 'server/src/core/dispatch.ts',
        find: 'input = readInput(name, answer) as Input<N>',
        replace: 'input = answer as Input<N>',
      },
    ],
    suites: ['server/src/core/hooks.test.ts'],
  },
  {
    id: 'foreign-send-id',
    what: 'a frame may name somebody else as its sender',
    edits: [
      {
        file: 'server/src/transports/requests.ts',
        find: "if (frame.sendId !== '' && frame.sendId !== caller.userId) {",
        replace: 'if (frame.sendId === caller.platformId) {',
      },
    ],
    suites: [websocketTest],
  },
  {
    id: 'drain-before-answers',
    what: 'a server that stops closes its sockets before it answered',
    edits: [
      {
        file: websocket,
        find: 'await Promise.race([Promise.all(all.map(([, o]) => o.requests.idle())), late()])',
        replace: '',
      },
    ],
    suites: ['server/src/service.test.ts'],
  },
  {
    id: 'stop-before-commit',
    what: 'a server that stops does not wait for what is being written',
    edits: [{ file: 'server/src/server-handle.ts', find: 'await world.writer.idle()', replace: '' }],
    suites: ['server/src/service.test.ts'],
  },
  {
    id: 'ready-while-leaving',
    what: 'a server that stops goes on saying that it is ready',
    edits: [
      {
        file: 'server/src/server-handle.ts',
        find: '(await isStoreReady(world)) && stopping === undefined',
        replace: 'isStoreReady(world)',
      },
    ],
    suites: ['server/src/service.test.ts'],
  },
  {
    id: 'failed-commit-untold',
    what: 'no figure tells of commits that failed',
    edits: [{ file: 'server/src/core/writer.ts', find: 'commits.failed += 1', replace: '' }],
    suites: [metricsTest],
  },
  {
    id: 'messages-miscounted',
    what: 'batches are counted where messages should be',
    edits: [
      {
        file: 'server/src/core/writer.ts',
        find: 'parts.tally.commits.messages += entries.length',
        replace: 'parts.tally.commits.messages += 1',
      },
    ],
    suites: [metricsTest],
  },
  {
    id: 'left-out-untold',
    what: 'no figure tells of pushes that were left out',
    edits: [{ file: session, find: 'this.#parts.tally.pushes.leftOut += 1', replace: '' }],
    suites: [sessionTest],
  },
]
