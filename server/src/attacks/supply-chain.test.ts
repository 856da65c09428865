import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { secretsIn } from './secret-scan.ts'

const root = join(import.meta.dirname, '../../..')
const json = <T>(file: string): T => JSON.parse(readFileSync(join(root, file), 'utf8')) as T

interface Named {
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}
interface Manifest extends Named {
  readonly workspaces?: readonly string[]
  readonly scripts?: Readonly<Record<string, string>>
}
interface Locked extends Named {
  readonly version?: string
  readonly license?: string
  readonly integrity?: string
  readonly link?: boolean
  readonly inBundle?: boolean
  readonly hasInstallScript?: boolean
}
const whole = json<Manifest>('package.json')
const folders = ['', ...(whole.workspaces ?? [])]
const { packages } = json<{ packages: Record<string, Locked> }>('package-lock.json')
const foreign = Object.entries(packages).filter(
  ([place, { link }]) => place.includes('node_modules/') && !link,
)

describe('A43 R33 what others made', () => {
  it('A43 every manifest names exact versions, and the lockfile says the same', () => {
    const kinds = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'] as const
    for (const folder of folders) {
      const manifest = json<Manifest>(join(folder, 'package.json'))
      for (const kind of kinds)
        expect(packages[folder]?.[kind] ?? {}, `${folder} ${kind}`).toEqual(manifest[kind] ?? {})
      const { dependencies, devDependencies, optionalDependencies } = manifest
      const named = Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies })
      const wrong = named.filter(([name, version]) => {
        const locked = packages[`${folder}/node_modules/${name}`] ?? packages[`node_modules/${name}`]
        const isLocked = locked?.link === true || locked?.version === version
        return !isLocked || !/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version)
      })
      expect(wrong, folder).toEqual([])
    }
  })

  it('A43 every package of others is fixed by its SHA-512', () => {
    // What lies inside another package is fixed with it.
    const loose = foreign.filter(
      ([, { integrity, inBundle }]) => !inBundle && !integrity?.startsWith('sha512-'),
    )
    expect(foreign.length).toBeGreaterThan(100)
    expect(loose.map(([place]) => place)).toEqual([])
  })

  it('A43 no package runs anything while it is installed, but for a list, and those do not either', () => {
    const scripted = foreign.filter(([place, { hasInstallScript }]) => {
      const folder = join(root, place)
      if (hasInstallScript || existsSync(join(folder, 'binding.gyp'))) return true
      if (!existsSync(join(folder, 'package.json'))) return false
      const { scripts = {} } = json<Manifest>(join(place, 'package.json'))
      return ['preinstall', 'install', 'postinstall'].some((name) => name in scripts)
    })
    const names = scripted.map(([place]) => place.slice(place.lastIndexOf('node_modules/') + 13))
    expect(names).toEqual(Object.keys(json<object>('server/src/attacks/install-scripts.json')))
    expect(readFileSync(join(root, '.npmrc'), 'utf8')).toMatch(/^ignore-scripts=true$/m)
    for (const folder of folders)
      for (const hook of ['preinstall', 'install', 'postinstall', 'prepare'])
        expect(json<Manifest>(join(folder, 'package.json')).scripts ?? {}).not.toHaveProperty(hook)
  })

  it('A43 every licence, also of what only builds and tests, is one that was looked at', () => {
    const known = [
      'MIT',
      'ISC',
      'Apache-2.0',
      'BSD-2-Clause',
      'BSD-3-Clause',
      '0BSD',
      'BlueOak-1.0.0',
      'MPL-2.0',
      'Unlicense',
      'MIT OR Apache-2.0',
      'Python-2.0',
      'CC0-1.0',
      'CC-BY-4.0',
    ]
    const others = foreign.filter(([, { license, inBundle }]) => !inBundle && !known.includes(license ?? ''))
    expect(others.map(([place, { license }]) => `${place}: ${license}`)).toEqual([])
  })

  it('A43 the list of materials names every locked package once, with its licence and digest, and what needs it', () => {
    const printed = execFileSync(process.execPath, [join(root, 'scripts/sbom.mjs')], {
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
    })
    const again = execFileSync(process.execPath, [join(root, 'scripts/sbom.mjs')], {
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
    })
    expect(again).toBe(printed)
    const sbom = JSON.parse(printed) as {
      bomFormat: string
      specVersion: string
      components: {
        purl: string
        'bom-ref': string
        scope: string
        licenses?: object[]
        hashes?: { content: string }[]
      }[]
      dependencies: { ref: string; dependsOn: string[] }[]
    }
    expect([sbom.bomFormat, sbom.specVersion]).toEqual(['CycloneDX', '1.6'])
    const purls = sbom.components.map((component) => component.purl)
    expect(new Set(purls).size).toBe(purls.length)
    const nameOf = (place: string): string =>
      place.slice(place.lastIndexOf('node_modules/') + 13).replace('@', '%40')
    const missing = foreign.filter(
      ([place, { version }]) => !purls.includes(`pkg:npm/${nameOf(place)}@${version}`),
    )
    expect(missing.map(([place]) => place)).toEqual([])
    expect(
      sbom.components
        .filter(({ licenses, purl }) => !licenses && !purl.includes('%40nexo-im'))
        .map(({ purl }) => purl),
    ).toEqual([])
    const digests = sbom.components.flatMap(({ hashes = [] }) => hashes)
    expect(digests.length).toBeGreaterThan(100)
    expect(digests.filter(({ content }) => !/^[0-9a-f]{128}$/.test(content))).toEqual([])
    const refs = new Set(sbom.dependencies.map(({ ref }) => ref))
    expect(sbom.dependencies.flatMap(({ dependsOn }) => dependsOn).filter((ref) => !refs.has(ref))).toEqual(
      [],
    )
    const ws = sbom.components.find(
      ({ purl }) => purl === `pkg:npm/ws@${packages['node_modules/ws']?.version}`,
    )
    expect(ws?.scope).toBe('required')
    expect(sbom.components.find(({ purl }) => purl.startsWith('pkg:npm/vitest@'))?.scope).toBe('excluded')
  })

  it('A43 the audit ends with a plain word, whether the registry answers or not', () => {
    const source = readFileSync(join(root, 'scripts/audit.mjs'), 'utf8')
    expect(whole.scripts?.['audit']).toBe('node scripts/audit.mjs')
    expect(source).toContain("['audit', '--json']")
  })

  it('A43 ws is beyond the versions that could be crashed or filled by one frame', () => {
    const [major = 0, minor = 0] = (packages['node_modules/ws']?.version ?? '').split('.').map(Number)
    expect(major * 1000 + minor).toBeGreaterThanOrEqual(8021)
  })
})

describe('R34 secrets in the repository', () => {
  const tracked = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  })
    .split('\0')
    .filter((file) => file !== '' && file !== 'package-lock.json' && existsSync(join(root, file)))

  it('R34 there is none in any file', () => {
    expect(tracked.length).toBeGreaterThan(300)
    const found = tracked.flatMap((file) =>
      secretsIn(readFileSync(join(root, file), 'latin1')).map((secret) => `${file}: ${secret}`),
    )
    expect(found).toEqual([])
  })

  it('R34 no file is one that holds secrets', () => {
    const names =
      /(?:^|\/)(?:\.env|.*\.(?:pem|key|p12|pfx|jks|keystore|kdbx|sqlite|db)|id_(?:rsa|ed25519)|token\.secret|\.netrc|\.htpasswd)$/
    expect(tracked.filter((file) => names.test(file))).toEqual([])
  })

  // Put together here, so that this file holds none.
  it.each([
    ['a private key', `-----BEGIN ${'EC PRIVATE'} KEY-----`],
    [
      'a token of ours',
      `eyJ${'hbGciOiJIUzI1NiJ9'}.eyJ${'1c2VyX2lkIjoiYW5uIn0'}.${'A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8S9t0U1v'}`,
    ],
    ['a key of a cloud', `AKIA${'IOSFODNN7EXAMPLE'}`],
    ['a token of a forge', `ghp_${'16C7e42F292c6912E7710c838347Ae178B4a'}`],
    ['a token of a registry', `//registry.example/:_auth${'Token'}=abcdefgh12345678`],
    ['a password in a configuration', `jwt_secret: "${'kX9vQ2mZ7pL4wR8tY3nB6cF1hJ5sD0gA'}"`],
    ['a password in an address', `mysql://root:${'Tr0ub4dor3xK9q'}@db.internal/nexo`],
  ])('R34 %s would be found', (_, planted) => {
    expect(secretsIn(`x\n  ${planted}\n`)).toHaveLength(1)
  })
})
