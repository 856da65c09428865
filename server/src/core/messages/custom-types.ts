import { type Body, type Check, compileCheck, ImError, msgType } from '@nexo-im/protocol'

/** A JSON Schema object, or a TypeBox schema. */
export type DataSchema = Parameters<typeof compileCheck>[0]

/** The private message types of the embedding program: `custom` bodies by their `type` name (M-20). */
export interface CustomTypes {
  /** From now on the `data` of this type must be JSON that fits; returns the way out. Throws for a name that is taken. */
  register(name: string, schema: DataSchema): () => void
  /** Throws 1001 with the failing path; types nobody registered pass as they are. */
  judge(type: number, body: Body): void
}

export function createCustomTypes(): CustomTypes {
  const checks = new Map<string, Check>()
  return {
    register: (name, schema) => {
      if (checks.has(name) || isReserved(name)) throw new Error(`the message type "${name}" is taken`)
      checks.set(name, compileCheck(schema))
      return () => void checks.delete(name)
    },
    judge: (type, body) => {
      const name = body['type']
      if (type !== msgType.custom || typeof name !== 'string') return
      if (isReserved(name)) refuse('type: names with nexo. are the server’s own')
      const problem = checks.get(name)?.(parsed(body['data']))
      if (problem !== undefined) refuse(`data${problem}`)
    },
  }
}

function isReserved(name: string): boolean {
  return name.startsWith('nexo.')
}

function parsed(data: unknown): unknown {
  try {
    return JSON.parse(String(data))
  } catch {
    return refuse('data: not valid JSON')
  }
}

function refuse(detail: string): never {
  throw new ImError('invalid_parameter', { detail: `content.custom.${detail}` })
}
