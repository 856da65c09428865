import type Database from 'better-sqlite3'
import { type Kind, tables } from '../../core/tables.ts'
import { messageColumns, tableName } from '../sql.ts'
import { modulus, weightOf } from './checksums.ts'

type Statement = Database.Statement

/**
 * What the driver asks SQLite, prepared. Rows of records come as values in the order of the table, then version and
 * checksum; messages in the order of `messageColumns` without the conversation, which whoever asks mostly knows: text
 * for each row of a page costs.
 */
export interface Statements {
  readonly insert: Statement
  readonly amend: Statement
  readonly read: Statement
  readonly head: Statement
  readonly headSeq: Statement
  readonly conversations: Statement
  readonly twin: Statement
  readonly get: (kind: Kind) => Statement
  readonly version: (kind: Kind) => Statement
  readonly put: (kind: Kind) => Statement
  readonly remove: (kind: Kind) => Statement
  readonly raise: (kind: Kind, fields: readonly string[]) => Statement
  readonly list: (kind: Kind, fields: readonly string[], prefix: number, after: number) => Statement
  /** What is asked inside is answered of one moment, in one transaction. */
  readonly together: (ask: () => unknown) => unknown
}

/**
 * A value that is bound, in questions with an order or a limit. The plus changes nothing but this: SQLite prepares such a
 * question anew whenever a bare `?` gets another value, which takes five times as long as the answer.
 */
const given = '+?'

/** More than any index has fields. */
const shapesOfPrefix = 16

export function statements(db: Database.Database): Statements {
  const prepared = new Map<string, Statement>()
  const raises = new Map<string, Statement>()
  const lists = new Map<readonly string[], Map<number, Statement>>()
  const prepare = (text: string): Statement => {
    const found = prepared.get(text) ?? db.prepare(text)
    prepared.set(text, found)
    return found
  }
  const named = [...messageColumns, 'checksum'].join(', ')
  const columns = [...messageColumns.slice(1), 'checksum'].join(', ')
  const where = (fields: readonly string[], value = '?'): string =>
    fields.map((f) => `"${f}" = ${value}`).join(' AND ')
  const keyed = (kind: Kind): string => where(tables[kind].key)
  // Text built once per kind: the hot path must not put SQL together for every message.
  const perKind = (make: (kind: Kind) => string, raw = false): ((kind: Kind) => Statement) => {
    const made = new Map<Kind, Statement>()
    return (kind) => {
      const statement = made.get(kind) ?? (raw ? prepare(make(kind)).raw() : prepare(make(kind)))
      made.set(kind, statement)
      return statement
    }
  }
  return {
    together: db.transaction((ask: () => unknown) => ask()),
    insert: db.prepare(
      `INSERT INTO im_message (${named}) VALUES (${messageColumns.map(() => '?').join(', ')}, ?)`,
    ),
    amend: db.prepare(
      'UPDATE im_message SET body = ?, meta = ?, salt = ?, checksum = ? WHERE conversation_id = ? AND seq = ?',
    ),
    read: db
      .prepare(
        `SELECT ${columns} FROM im_message WHERE conversation_id = ${given} AND seq BETWEEN ${given} AND ${given}
         ORDER BY seq LIMIT ${given}`,
      )
      .raw(),
    head: db
      .prepare(`SELECT ${columns} FROM im_message WHERE conversation_id = ${given} ORDER BY seq DESC LIMIT 1`)
      .raw(),
    headSeq: db.prepare(`SELECT max(seq) FROM im_message WHERE conversation_id = ${given}`).pluck(),
    // One jump per conversation, whatever its length: DISTINCT would read every message.
    conversations: db
      .prepare(
        `WITH RECURSIVE c(id) AS (SELECT min(conversation_id) FROM im_message WHERE conversation_id > ?
         UNION ALL SELECT (SELECT min(conversation_id) FROM im_message WHERE conversation_id > c.id) FROM c
         WHERE c.id IS NOT NULL) SELECT id FROM c WHERE id IS NOT NULL LIMIT ?`,
      )
      .pluck(),
    twin: db
      .prepare(`SELECT ${columns}, conversation_id FROM im_message WHERE sender_id = ? AND client_msg_id = ?`)
      .raw(),
    get: perKind((kind) => `SELECT ${rowColumns(kind)} FROM "${tableName(kind)}" WHERE ${keyed(kind)}`, true),
    version: perKind((kind) => `SELECT "version" FROM "${tableName(kind)}" WHERE ${keyed(kind)}`),
    put: perKind((kind) => putText(kind)),
    remove: perKind((kind) => `DELETE FROM "${tableName(kind)}" WHERE ${keyed(kind)}`),
    raise: (kind, fields) => {
      const name = `${kind} ${fields.join()}`
      const statement = raises.get(name) ?? db.prepare(raiseText(kind, fields, keyed(kind)))
      raises.set(name, statement)
      return statement
    },
    list: (kind, fields, prefix, after) => {
      // Found by the index and not by its text: putting that together took as long as a short answer.
      const shapes = lists.get(fields) ?? new Map<number, Statement>()
      const shape = prefix * shapesOfPrefix + after
      const found = shapes.get(shape)
      if (found) return found
      const rest = fields.slice(prefix, prefix + after).map((f) => `"${f}"`)
      const beyond = after > 0 ? ` AND (${rest.join(', ')}) > (${rest.map(() => given).join(', ')})` : ''
      const order = fields.map((f) => `"${f}"`).join(', ')
      const matched = prefix === 0 ? '1' : where(fields.slice(0, prefix), given)
      const made = prepare(
        `SELECT ${rowColumns(kind)} FROM "${tableName(kind)}" WHERE ${matched}${beyond} ORDER BY ${order} LIMIT ${given}`,
      ).raw()
      lists.set(fields, shapes.set(shape, made))
      return made
    },
  }
}

function rowColumns(kind: Kind): string {
  return [...Object.keys(tables[kind].fields), 'version', 'checksum'].map((f) => `"${f}"`).join(', ')
}

/** Binds the checksum of a first version behind the fields; a later one differs by the old version alone. */
function putText(kind: Kind): string {
  const fields = Object.keys(tables[kind].fields)
  const key: readonly string[] = tables[kind].key
  const others = fields.filter((f) => !key.includes(f)).map((f) => `"${f}" = excluded."${f}"`)
  const version = `"${tableName(kind)}"."version"`
  return (
    `INSERT INTO "${tableName(kind)}" (${fields.map((f) => `"${f}"`).join(', ')}, "version", "checksum") ` +
    `VALUES (${fields.map(() => '?').join(', ')}, 1, ?) ` +
    `ON CONFLICT (${key.map((f) => `"${f}"`).join(', ')}) DO UPDATE SET ` +
    `${[...others, `"version" = ${version} + 1`, `"checksum" = excluded."checksum" + ${version}`].join(', ')}`
  )
}

/** Binds the values, the values, the key, the values. */
function raiseText(kind: Kind, fields: readonly string[], keyed: string): string {
  const gained = fields.map(
    (f) => `${weightOf(kind, f)} * (max("${f}", ?) % ${modulus} - "${f}" % ${modulus})`,
  )
  const raised = fields.map((f) => `"${f}" = max("${f}", ?)`)
  return (
    `UPDATE "${tableName(kind)}" SET "checksum" = "checksum" + 1 + ${gained.join(' + ')}, ${raised.join(', ')}, ` +
    `"version" = "version" + 1 WHERE ${keyed} AND (${fields.map((f) => `"${f}" < ?`).join(' OR ')})`
  )
}
