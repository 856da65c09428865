import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import path from 'node:path'

/** Sources by their path from the repository's root, with forward slashes. */
export type Tree = ReadonlyMap<string, string>

/** What an import names, and how it was written there. */
export type Target =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'door'; readonly name: string; readonly path: string | undefined }
  | { readonly kind: 'node'; readonly name: string }
  | { readonly kind: 'package'; readonly name: string }
  | { readonly kind: 'computed' }

export interface Import {
  readonly from: string
  readonly line: number
  readonly target: Target
}

/** Door names (`@nexo-im/client/react`) → the file behind each, from the workspaces' `exports`. */
export type Doors = ReadonlyMap<string, string>

// A clause holds names, braces, stars and comments only, so nothing but an import can be mistaken for one.
const statement =
  /^[ \t]*(?:import|export)\b(?:(?:[\w$\s{},*]|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*?\bfrom)?\s*(['"])([^'"\n]+)\1/gm
const dynamic = /\bimport\s*\(\s*(?:\/\*[^*]*\*\/\s*)?(?:(['"`])([^'"`$\n]+)\1\s*[,)]|(?=[^'"`\s])|(?=`))/g
const workspaces = ['protocol', 'server', 'client', 'web', 'bench']
const sourceFolders = ['protocol/src', 'server/src', 'client/src', 'web/src', 'web/e2e', 'bench/src']

/** All imports of one source, types included, in the order of the text. */
export function importsOf(from: string, source: string, doors: Doors): Import[] {
  const found: Import[] = []
  for (const match of source.matchAll(statement)) {
    const at = source.slice(0, match.index + match[0].length).split('\n').length
    found.push({ from, line: at, target: targetOf(from, match[2] ?? '', doors) })
  }
  for (const match of source.matchAll(dynamic)) {
    if (isInComment(source, match.index)) continue
    const line = source.slice(0, match.index).split('\n').length
    const target = match[2] === undefined ? ({ kind: 'computed' } as const) : targetOf(from, match[2], doors)
    found.push({ from, line, target })
  }
  return found.toSorted((a, b) => a.line - b.line)
}

function isInComment(source: string, at: number): boolean {
  const before = source.slice(source.lastIndexOf('\n', at) + 1, at)
  return /^\s*(\/?\*|\/\/)|\s\/\//.test(before)
}

function targetOf(from: string, specifier: string, doors: Doors): Target {
  if (specifier.startsWith('.'))
    return { kind: 'file', path: path.posix.join(path.posix.dirname(from), specifier) }
  if (specifier.startsWith('node:') || isBuiltin(specifier)) return { kind: 'node', name: specifier }
  const parts = specifier.split('/')
  const name = specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? specifier)
  if (name.startsWith('@nexo-im/')) return { kind: 'door', name: specifier, path: doors.get(specifier) }
  return { kind: 'package', name }
}

/** The doors that the workspaces under `root` declare. */
export function readDoors(root: string): Doors {
  const doors = new Map<string, string>()
  for (const workspace of workspaces) {
    const manifest: unknown = JSON.parse(readFileSync(path.join(root, workspace, 'package.json'), 'utf8'))
    const { name, exports } = manifest as { name: string; exports?: Record<string, string> }
    for (const [door, file] of Object.entries(exports ?? {}))
      doors.set(path.posix.join(name, door), path.posix.join(workspace, file))
  }
  return doors
}

/** Every TypeScript source of the workspaces under `root`. */
export function readTree(root: string): Tree {
  const tree = new Map<string, string>()
  for (const folder of sourceFolders) {
    if (!existsSync(path.join(root, folder))) continue
    for (const name of readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })) {
      if (!/\.tsx?$/.test(name) || name.endsWith('.d.ts')) continue
      const place = path.posix.join(folder, name.replaceAll('\\', '/'))
      tree.set(place, readFileSync(path.join(root, place), 'utf8'))
    }
  }
  return tree
}
