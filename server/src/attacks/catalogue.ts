/** One attack, and what proves that it fails here. */
export interface Attack {
  readonly id: `A${number}`
  readonly title: string
  /** `tested`: all of it that applies to what exists. `open`: it needs a feature that does not exist yet. */
  readonly state: 'tested' | 'open'
  /** Files whose tests begin with the id, from the root of the repository; the first one is the row's own. */
  readonly where: readonly string[]
  /** Further suites that prove it too, deeper than over the wire. */
  readonly also?: readonly string[]
  /** What must exist first, for the row or for the rest of it. */
  readonly feature?: string
}

const here = (name: string): string => `server/src/attacks/${name}.test.ts`
const core = (name: string): string => `server/src/core/${name}.test.ts`

/** Every attack of the catalogue, A1 to A45, in order; `docs/security.md` is printed from it. */
export const attacks: readonly Attack[] = [
  {
    id: 'A1',
    title: 'forged tokens',
    state: 'tested',
    where: [here('tokens')],
    also: [core('people/accounts')],
  },
  {
    id: 'A2',
    title: 'default, short or guessable secrets',
    state: 'tested',
    where: [here('authentication')],
    also: ['server/src/service.test.ts', 'server/src/testing/deploy.test.ts'],
  },
  { id: 'A3', title: 'a token check that waits for nothing', state: 'tested', where: [here('tokens')] },
  {
    id: 'A4',
    title: 'a token for an id alone',
    state: 'tested',
    where: [here('authentication')],
    also: [core('people/operators')],
    feature: 'a door of the operator over the network',
  },
  {
    id: 'A5',
    title: 'replay after a sign-in ended',
    state: 'tested',
    where: [here('authentication')],
    also: [core('people/sessions'), core('cluster/cluster')],
  },
  {
    id: 'A6',
    title: 'a token in a URL',
    state: 'tested',
    where: [here('authentication')],
    also: ['server/src/testing/deploy.test.ts'],
    feature: 'one-time tickets',
  },
  {
    id: 'A7',
    title: 'guessing passwords and accounts',
    state: 'tested',
    where: [here('authentication')],
    also: [core('people/sessions'), core('people/accounts')],
    feature: 'resetting a password',
  },
  { id: 'A8', title: 'a flood of logins', state: 'tested', where: [here('authentication')] },
  {
    id: 'A9',
    title: 'a stolen refresh token',
    state: 'tested',
    where: [here('authentication')],
    also: [core('people/sessions'), core('people/sign-ins')],
  },
  {
    id: 'A10',
    title: 'pages of other origins',
    state: 'tested',
    where: [here('origins')],
    also: ['server/src/transports/websocket.test.ts'],
  },
  {
    id: 'A11',
    title: 'forged requests by cookies and forms',
    state: 'tested',
    where: [here('origins')],
    also: ['server/src/transports/http.test.ts'],
  },
  {
    id: 'A12',
    title: 'swapped ids',
    state: 'tested',
    where: [here('authorisation')],
    also: [core('policy')],
  },
  { id: 'A13', title: 'files without a right to them', state: 'open', where: [], feature: 'files (issue 7)' },
  {
    id: 'A14',
    title: 'side doors to a message',
    state: 'tested',
    where: [here('authorisation')],
    also: [core('messages/forwarding'), core('messages/hindsight'), core('messages/visibility')],
    feature: 'search, link previews, push',
  },
  {
    id: 'A15',
    title: 'broadcasts that reach others',
    state: 'tested',
    where: [here('authorisation')],
    also: [core('groups/entrance')],
  },
  { id: 'A16', title: 'private groups that are found', state: 'tested', where: [here('authorisation')] },
  {
    id: 'A17',
    title: 'crafted ids',
    state: 'tested',
    where: [here('authority')],
    also: ['protocol/src/ids.test.ts'],
  },
  {
    id: 'A18',
    title: 'somebody else’s name, the server’s own fields',
    state: 'tested',
    where: [here('authority')],
  },
  {
    id: 'A19',
    title: 'climbing to a higher role',
    state: 'tested',
    where: [here('authority')],
    also: [core('groups/group-roles'), core('groups/group-owners')],
  },
  {
    id: 'A20',
    title: 'other people’s messages changed',
    state: 'tested',
    where: [here('authority')],
    also: [core('messages/recall'), core('messages/edits')],
  },
  {
    id: 'A21',
    title: 'a block that one way passes',
    state: 'tested',
    where: [here('authority')],
    also: [core('people/relations'), core('people/privacy')],
  },
  { id: 'A22', title: 'the same ids for two tenants', state: 'open', where: [], feature: 'tenants' },
  { id: 'A23', title: 'SQL and wildcards', state: 'tested', where: [here('injection')] },
  { id: 'A24', title: 'operators where values belong', state: 'tested', where: [here('injection')] },
  {
    id: 'A25',
    title: 'prototypes',
    state: 'tested',
    where: [here('injection')],
    also: ['server/src/transports/fuzz.test.ts', core('messages/reactions')],
  },
  {
    id: 'A26',
    title: 'expressions and numbers that take for ever',
    state: 'tested',
    where: [here('patterns')],
  },
  {
    id: 'A27',
    title: 'scripts in what people write',
    state: 'tested',
    where: ['web/e2e/hostile-words.e2e.ts'],
    feature: 'files (issue 7), for SVG and HTML',
  },
  {
    id: 'A28',
    title: 'lines in logs and headers',
    state: 'tested',
    where: [here('content')],
    feature: 'files (issue 7), for their names',
  },
  {
    id: 'A29',
    title: 'requests that the server is made to send',
    state: 'open',
    where: [],
    feature: 'link previews, webhooks, push: today nothing is fetched for anybody',
  },
  { id: 'A30', title: 'uploads that are bombs', state: 'open', where: [], feature: 'files (issue 7)' },
  { id: 'A31', title: 'collections without an end', state: 'tested', where: [here('content')] },
  {
    id: 'A32',
    title: 'sizes that are only claimed',
    state: 'tested',
    where: [here('content')],
    feature: 'the OpenIM door (gob, gzip, protobuf)',
  },
  {
    id: 'A33',
    title: 'frames',
    state: 'tested',
    where: [here('transport')],
    also: ['server/src/transports/websocket.test.ts', 'server/src/transports/fuzz.test.ts'],
  },
  { id: 'A34', title: 'requests without an end', state: 'tested', where: [here('transport')] },
  { id: 'A35', title: 'requests that are read in two ways', state: 'tested', where: [here('transport')] },
  { id: 'A36', title: 'bombs by compression', state: 'tested', where: [here('transport')] },
  { id: 'A37', title: 'one packet that ends the process', state: 'tested', where: [here('transport')] },
  {
    id: 'A38',
    title: 'limits that are passed',
    state: 'tested',
    where: [here('amplification')],
    also: ['server/src/transports/limits.test.ts', core('request-limits')],
    feature: 'tenants',
  },
  {
    id: 'A39',
    title: 'one request that costs thousands',
    state: 'tested',
    where: [here('amplification')],
    also: ['server/src/transports/slow-socket.test.ts'],
  },
  {
    id: 'A40',
    title: 'errors that tell too much',
    state: 'tested',
    where: [here('amplification')],
    also: [core('people/friend-requests')],
  },
  {
    id: 'A41',
    title: 'doors that are not for the public',
    state: 'tested',
    where: [here('amplification')],
    also: ['server/src/control.test.ts'],
  },
  { id: 'A42', title: 'forged webhooks', state: 'open', where: [], feature: 'webhooks' },
  {
    id: 'A43',
    title: 'what others made',
    state: 'tested',
    where: [here('supply-chain')],
    also: ['scripts/licences.test.ts'],
  },
  {
    id: 'A44',
    title: 'end-to-end encryption undone',
    state: 'open',
    where: [],
    feature: 'end-to-end encryption',
  },
  {
    id: 'A45',
    title: 'what was taken back and is still there',
    state: 'tested',
    where: [here('content')],
    also: [core('messages/erasure'), core('people/account-deletion'), 'server/src/disappearing.test.ts'],
    feature: 'search, push, files',
  },
]

/** The catalogue as a table of Markdown, whose links begin in `docs/`. */
export function attackTable(): string {
  const link = (file: string): string =>
    `[${file
      .split('/')
      .at(-1)
      ?.replace(/\.(?:test|e2e)\.ts$/, '')}](../${file})`
  const rows = attacks.map(({ id, title, state, where, also = [], feature }) => {
    const proofs = [...where, ...also].map(link).join(', ') || '–'
    return `| ${id} | ${title} | ${state} | ${proofs} | ${feature ?? ''} |`
  })
  return ['| | attack | state | proved by | waits for |', '|---|---|---|---|---|', ...rows].join('\n')
}
