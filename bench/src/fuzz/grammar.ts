import { openApi } from '../http.ts'

/** The part of JSON Schema that the printed contract uses. */
export interface Schema {
  readonly type?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly maxItems?: number
}

export interface Field {
  readonly name: string
  readonly place: 'path' | 'query' | 'body'
  readonly required: boolean
  readonly schema: Schema
}

/** One way to ask for something. */
export interface Entry {
  /** `message.send` */
  readonly name: string
  readonly method: string
  /** `/user/profile/{user_id}` */
  readonly path: string
  /** Number of its frame on sockets, where it has one. */
  readonly frame: number | undefined
  readonly fields: readonly Field[]
  readonly needsToken: boolean
}

/** What the server prints about itself: the only thing that is known of it here. */
export interface Grammar {
  readonly entries: readonly Entry[]
  /** Codes that stand for a failure of the server's own: those with an HTTP status of 500 and above. */
  readonly ownFailures: ReadonlySet<number>
}

interface Printed {
  readonly operationId: string
  readonly security?: unknown
  readonly parameters?: readonly { name: string; in: 'path' | 'query'; required: boolean; schema: Schema }[]
  readonly requestBody?: { readonly content: { readonly 'application/json': { readonly schema: Schema } } }
}

/** Reads `/openapi.json` and the page at `/docs`, which tells the frames and the codes. */
export async function readGrammar(url: string): Promise<Grammar> {
  const text = async (path: string): Promise<string> => (await fetch(new URL(path, url))).text()
  const { paths } = JSON.parse(await text('/openapi.json')) as {
    readonly paths: Readonly<Record<string, Readonly<Record<string, Printed>>>>
  }
  const page = await text('/docs')
  const entries = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, printed]) => entryOf(path, method, printed, page)),
  )
  const rows = [...page.matchAll(/<tr id="error-\w+"><td>(\d+)<\/td>.*?HTTP (\d+)/g)]
  const ownFailures = new Set(
    rows.filter(([, , http]) => Number(http) >= 500).map(([, code]) => Number(code)),
  )
  if (ownFailures.size === 0 || entries.every(({ frame }) => frame === undefined)) {
    throw new Error('the page at /docs tells neither frames nor codes')
  }
  return { entries, ownFailures }
}

function entryOf(path: string, method: string, printed: Printed, page: string): Entry {
  // A second route of one operation has its method behind the name.
  const name = printed.operationId.replace(/\.(?:get|post|put|delete)$/, '')
  const section = page.split(`<section id="${name}">`)[1]?.split('</section>')[0] ?? ''
  const frame = /<b>frame<\/b> (\d+)/.exec(section)?.[1]
  const body = printed.requestBody?.content['application/json'].schema
  const fields: Field[] = [
    ...(printed.parameters ?? []).map(({ name: field, in: place, required, schema }) => ({
      ...{ name: field, place, required, schema },
    })),
    ...Object.entries(body?.properties ?? {}).map(([field, schema]): Field => {
      const required = body?.required?.includes(field) ?? false
      return { name: field, place: 'body', required, schema }
    }),
  ]
  return {
    ...{ name, method: method.toUpperCase(), path, fields },
    frame: frame === undefined ? undefined : Number(frame),
    needsToken: printed.security !== undefined,
  }
}

/** Names that mean something to this server, so that not every case fails at the door. */
export interface Known {
  readonly users: readonly string[]
  readonly groups: readonly string[]
  readonly conversations: readonly string[]
}

export interface Person {
  readonly id: string
  readonly token: string
}

/** People with a single chat and a group, and some messages in both. */
export async function settle(url: string, people: readonly Person[]): Promise<Known> {
  const api = openApi(url)
  try {
    const [first, ...others] = people as [Person, ...Person[]]
    const users = people.map(({ id }) => id)
    const group = await api.createGroup(
      first.token,
      'fuzzed',
      others.map(({ id }) => id),
    )
    const peer = others[0]?.id ?? first.id
    for (let n = 0; n < 5; n++) {
      const content = { text: { text: `message ${n}` } }
      const head = { msg_type: 1, content }
      await api.send(first.token, { ...head, client_msg_id: `s${n}`, recv_id: peer })
      await api.send(first.token, { ...head, client_msg_id: `g${n}`, group_id: group })
    }
    const pair = [first.id, peer].toSorted().join(':')
    return { users, groups: [group], conversations: [`si_${pair}`, `sg_${group}`] }
  } finally {
    api.close()
  }
}
