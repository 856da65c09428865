import { readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { root } from './prepare.mjs'

/**
 * @typedef {object} Locked  one place of package-lock.json
 * @property {string} [name]
 * @property {string} [version]
 * @property {string} [license]
 * @property {string} [integrity]
 * @property {string} [resolved]
 * @property {boolean} [link]
 * @property {boolean} [dev]
 * @property {boolean} [optional]
 * @property {boolean} [devOptional]
 * @property {Record<string, string>} [dependencies]
 * @property {Record<string, string>} [devDependencies]
 * @property {Record<string, string>} [optionalDependencies]
 * @property {Record<string, string>} [peerDependencies]
 */

/** @param {string} place */
const nameAt = (place) => place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length)

/**
 * @param {string} name
 * @param {string | undefined} version
 */
const purlOf = (name, version) => `pkg:npm/${name.replace('@', '%40')}@${version}`

/** @param {string | undefined} licence */
function licencesOf(licence) {
  if (licence === undefined) return {}
  return {
    licenses: [/ (?:OR|AND|WITH) /.test(licence) ? { expression: licence } : { license: { id: licence } }],
  }
}

/** @param {string | undefined} integrity */
function hashesOf(integrity) {
  const [, base64] = /^sha512-(.+)$/.exec(integrity ?? '') ?? []
  if (base64 === undefined) return {}
  return { hashes: [{ alg: 'SHA-512', content: Buffer.from(base64, 'base64').toString('hex') }] }
}

/** @param {Locked} locked */
function scopeOf(locked) {
  if (locked.dev || locked.devOptional) return 'excluded'
  return locked.optional ? 'optional' : 'required'
}

/** From most to least needed: one package may lie in several places. */
const scopes = ['required', 'optional', 'excluded']

/**
 * Where Node finds a package from another one's place, by the lockfile alone.
 * @param {Record<string, Locked>} places
 * @param {string} from
 * @param {string} name
 */
function placeOf(places, from, name) {
  for (let base = from; ; ) {
    const place = base === '' ? `node_modules/${name}` : `${base}/node_modules/${name}`
    const found = places[place]
    if (found) return found.link ? found.resolved : place
    if (base === '') return undefined
    const up = base.lastIndexOf('/node_modules/')
    base = up < 0 ? '' : base.slice(0, up)
  }
}

/**
 * All packages of a lockfile as a CycloneDX 1.6 document: the same lockfile always makes the same text.
 * @param {{ packages: Record<string, Locked> }} lock
 */
export function sbomOf({ packages: places }) {
  const whole = places[''] ?? {}
  /** @type {Map<string, { scope: string, component: object, needs: Set<string> }>} */
  const found = new Map()
  /** @param {string} place */
  const refAt = (place) => {
    const { name, version } = places[place] ?? {}
    return purlOf(name ?? nameAt(place), version)
  }
  for (const [place, locked] of Object.entries(places)) {
    if (locked.link) continue
    const ref = refAt(place)
    const scope = scopeOf(locked)
    const before = found.get(ref)
    const needs = before?.needs ?? new Set()
    const named = { ...locked.dependencies, ...locked.optionalDependencies, ...locked.peerDependencies }
    // What a package of others needs to be developed is never installed.
    for (const name of Object.keys(
      place.includes('node_modules/') ? named : { ...named, ...locked.devDependencies },
    )) {
      const inner = placeOf(places, place, name)
      if (inner !== undefined) needs.add(refAt(inner))
    }
    if (place === '')
      for (const workspace of Object.keys(places))
        if (workspace !== '' && !workspace.includes('node_modules/')) needs.add(refAt(workspace))
    const least = before && scopes.indexOf(before.scope) < scopes.indexOf(scope) ? before.scope : scope
    const full = locked.name ?? nameAt(place)
    const [group, name] = full.startsWith('@') ? full.split('/') : [undefined, full]
    const component = {
      type: place === '' ? 'application' : 'library',
      'bom-ref': ref,
      ...(group !== undefined && { group }),
      name,
      version: locked.version,
      ...(place !== '' && { scope: least }),
      ...hashesOf(locked.integrity),
      ...licencesOf(locked.license),
      purl: ref,
    }
    found.set(ref, { scope: least, component, needs })
  }
  const own = purlOf(whole.name ?? '', whole.version)
  const all = [...found].toSorted(([a], [b]) => (a < b ? -1 : 1))
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: found.get(own)?.component },
    components: all.filter(([ref]) => ref !== own).map(([, { component }]) => component),
    dependencies: all.map(([ref, { needs }]) => ({ ref, dependsOn: [...needs].toSorted() })),
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const lock = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8'))
  process.stdout.write(`${JSON.stringify(sbomOf(lock), null, 2)}\n`)
}
