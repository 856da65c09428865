import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'

interface Manifest {
  readonly name?: string
  readonly license?: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>
}

interface Locked {
  readonly resolved?: string
  readonly link?: boolean
}

const root = path.join(import.meta.dirname, '..')
const workspaces = ['protocol', 'server', 'client', 'web', 'bench']
/** What reaches a user: the three published packages, and the web app that the server hands to browsers. */
const shipped = ['protocol', 'server', 'client', 'web']

function manifestAt(folder: string): Manifest | undefined {
  try {
    return JSON.parse(readFileSync(path.join(root, folder, 'package.json'), 'utf8')) as Manifest
  } catch {
    return undefined
  }
}

/** Where Node finds a package from a folder: the nearest node_modules on the way up. */
function placeOf(name: string, from: string): string | undefined {
  const steps = from === '' ? [] : from.split('/')
  for (let length = steps.length; length >= 0; length -= 1) {
    const place = [...steps.slice(0, length), 'node_modules', name].join('/')
    if (manifestAt(place) !== undefined) return place
  }
  return undefined
}

function namesNeededBy(manifest: Manifest): string[] {
  const peers = Object.keys(manifest.peerDependencies ?? {}).filter(
    (name) => manifest.peerDependenciesMeta?.[name]?.optional !== true,
  )
  return [...Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies }), ...peers]
}

/** Every installed package that production code of the shipped workspaces can load, by its folder. */
function shippedPackages(): Map<string, Manifest> {
  const found = new Map<string, Manifest>()
  const waiting = [...shipped]
  for (let place = waiting.pop(); place !== undefined; place = waiting.pop()) {
    const manifest = manifestAt(place)
    if (manifest === undefined || found.has(place)) continue
    found.set(place, manifest)
    for (const name of namesNeededBy(manifest)) {
      const inner = placeOf(name, place)
      if (inner !== undefined) waiting.push(inner)
    }
  }
  return found
}

/** Whether a licence can be taken without GPL or AGPL: of `A OR B` one suffices. LGPL is not GPL. */
function isFree(licence: string | undefined): boolean {
  if (licence === undefined) return false
  return licence.split(/\bOR\b/i).some((choice) => !/(?:^|[^L])GPL|UNLICENSED|SEE LICENSE/i.test(choice))
}

describe('licences', () => {
  it('of everything we ship are free of GPL and AGPL', () => {
    const found = shippedPackages()
    expect(found.size).toBeGreaterThan(40)
    const refused = [...found].filter(([, { license }]) => !isFree(license))
    expect(refused.map(([place, { license }]) => `${place}: ${license}`)).toEqual([])
  })

  it.each(['GPL-3.0', 'AGPL-3.0-only', 'MIT AND GPL-2.0', 'gpl-2.0', 'UNLICENSED', undefined])(
    'refuse %s',
    (licence) => {
      expect(isFree(licence)).toBe(false)
    },
  )

  it.each(['MIT', 'LGPL-3.0-or-later', '(MIT OR GPL-2.0)', 'MPL-2.0', 'BlueOak-1.0.0'])(
    'allow %s',
    (licence) => {
      expect(isFree(licence)).toBe(true)
    },
  )
})

describe('the dependency files', () => {
  it('name an exact version for every dependency', () => {
    const loose = ['.', ...workspaces].flatMap((folder) => {
      const { dependencies, devDependencies, optionalDependencies } = manifestAt(folder) ?? {}
      return Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies })
        .filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
        .map(([name, version]) => `${folder}: ${name} ${version}`)
    })
    expect(loose).toEqual([])
  })

  it('keep registry addresses out of package-lock.json', () => {
    const lock: unknown = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8'))
    const { packages } = lock as { packages: Record<string, Locked> }
    const addressed = Object.entries(packages).filter(
      ([, { resolved, link }]) => resolved !== undefined && !link,
    )
    expect(Object.keys(packages).length).toBeGreaterThan(100)
    expect(addressed.map(([place, { resolved }]) => `${place}: ${resolved}`)).toEqual([])
  })
})
