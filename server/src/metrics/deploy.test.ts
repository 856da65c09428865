import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { errors, operationNames } from '@nexo-im/protocol'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { families } from './families.ts'

/** What is shipped for Prometheus and Grafana names what there is. */
const folder = join(import.meta.dirname, '../../../deploy')
const text = (file: string): string => readFileSync(join(folder, file), 'utf8')

interface Panel {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[]
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
}

const dashboard = JSON.parse(text('grafana/nexo.json')) as {
  uid: string
  id?: number
  panels: Panel[]
  templating: { list: { name: string }[] }
}
const queries = dashboard.panels.flatMap(({ title, targets = [] }) => targets.map((t) => ({ title, ...t })))

interface Rule {
  readonly alert: string
  readonly expr: string
  readonly labels: { readonly severity: string }
  readonly annotations: { readonly summary: string }
}

const rules = (parse(text('prometheus/alerts.yml')) as { groups: { rules: Rule[] }[] }).groups.flatMap(
  ({ rules: of }) => of,
)

/** What Prometheus adds to every series, and what histograms have. */
const common = ['instance', 'job', 'le']

/** The metrics an expression names, each with the labels it is chosen by. */
function metricsIn(expr: string): { name: string; matchers: [string, string][] }[] {
  return [...expr.matchAll(/\b(im_[a-z_]+)(?:\{([^}]*)\})?/g)].map(([, name = '', inside = '']) => ({
    name,
    matchers: [...inside.matchAll(/(\w+)(?:=~|!=|!~|=)"([^"]*)"/g)].map(([, label = '', value = '']) => [
      label,
      value,
    ]),
  }))
}

function familyOf(series: string): (typeof families)[number] {
  const found = families.find(({ name, type }) =>
    type === 'histogram'
      ? ['bucket', 'sum', 'count'].some((s) => series === `${name}_${s}`)
      : series === name,
  )
  if (!found) throw new Error(`${series} is told by no node`)
  return found
}

const known: Readonly<Record<string, readonly string[]>> = {
  operation: operationNames,
  error: ['ok', ...Object.keys(errors)],
  code: ['0', ...Object.values(errors).map(({ code }) => String(code))],
}

/** Throws for a metric, a label or a value that no node tells; what is counted up must be asked for its rate. */
function judge(expr: string): number {
  const found = metricsIn(expr)
  const labels = found.flatMap(({ name }) => familyOf(name).labels)
  for (const { name, matchers } of found) {
    const family = familyOf(name)
    if (family.type !== 'gauge' && !new RegExp(`(?:rate|increase)\\(${name}\\b`).test(expr))
      throw new Error(`${name} only rises: its rate tells something`)
    for (const [label, value] of matchers) {
      if (![...common, ...family.labels].includes(label)) throw new Error(`${name} has no ${label}`)
      if (known[label] && !known[label].includes(value)) throw new Error(`there is no ${label} ${value}`)
    }
  }
  for (const [, list = ''] of expr.matchAll(/\bby \(([^)]*)\)/g))
    for (const label of list.split(', '))
      if (![...common, ...labels].includes(label)) throw new Error(`nothing in ${expr} has ${label}`)
  return found.length
}

describe('deploy/grafana/nexo.json', () => {
  it('asks in every panel for metrics, labels and values that a node tells', () => {
    expect(queries.length).toBeGreaterThan(30)
    for (const { expr, title } of queries) expect(judge(expr), title).toBeGreaterThan(0)
  })

  it('shows every metric in some panel', () => {
    const shown = new Set(
      queries.flatMap(({ expr }) => metricsIn(expr).map(({ name }) => familyOf(name).name)),
    )
    expect([...shown].toSorted()).toEqual(families.map(({ name }) => name).toSorted())
  })

  it('names in its legends what the query leaves of labels', () => {
    for (const { expr, legendFormat, title } of queries) {
      const grouped = /\bby \(([^)]*)\)/.exec(expr)?.[1]?.split(', ')
      const [{ name } = { name: '' }] = metricsIn(expr)
      const left = expr.includes('sum(') ? [] : (grouped ?? [...common, ...familyOf(name).labels])
      for (const [, label] of legendFormat.matchAll(/\{\{(\w+)\}\}/g)) expect(left, title).toContain(label)
    }
  })

  it('can be imported anywhere: no id of a database, no data source but the one that is chosen', () => {
    expect(dashboard.uid).toBe('nexo-im')
    expect(dashboard.id).toBeUndefined()
    expect(dashboard.templating.list.map(({ name }) => name)).toEqual(['DS_PROMETHEUS', 'instance'])
    const sources = [...text('grafana/nexo.json').matchAll(/"uid": "([^"]+)"/g)].map(([, uid]) => uid)
    for (const uid of sources.slice(1)) expect(uid).toMatch(/^\$\{DS_PROMETHEUS\}$/)
    expect(text('grafana/nexo.json')).not.toMatch(/rate\([^)]*\[(?!\$__rate_interval\])/)
  })

  it('lays no panel over another', () => {
    const taken = new Set<string>()
    for (const { gridPos, title } of dashboard.panels)
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++)
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect(taken.has(`${x} ${y}`), title).toBe(false)
          expect(x).toBeLessThan(24)
          taken.add(`${x} ${y}`)
        }
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length)
  })
})

describe('deploy/prometheus', () => {
  it('warns by metrics, labels and values that a node tells, each under a name of its own', () => {
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length)
    for (const { alert, expr, labels, annotations } of rules) {
      // Whether a node answers at all is Prometheus' own metric.
      expect(judge(expr) + Number(expr.startsWith('up{')), alert).toBeGreaterThan(0)
      expect(['critical', 'warning']).toContain(labels.severity)
      expect(annotations.summary.length).toBeGreaterThan(20)
    }
  })

  it('loads the rules beside it', () => {
    const { rule_files, scrape_configs } = parse(text('prometheus/prometheus.yml')) as {
      rule_files: string[]
      scrape_configs: { job_name: string }[]
    }
    expect(rule_files).toEqual(['alerts.yml'])
    const jobs = rules.flatMap(({ expr }) => [...expr.matchAll(/job="([^"]+)"/g)].map(([, job]) => job))
    expect(new Set(jobs)).toEqual(new Set(scrape_configs.map(({ job_name }) => job_name)))
  })
})

it.each([
  ['im_nothing_total', 'told by no node'],
  ['im_messages_stored_total', 'only rises'],
  ['sum by (platform) (im_ready)', 'has platform'],
  ['rate(im_requests_total{operation="message.post"}[5m])', 'no operation message.post'],
  ['im_ready{platform="Web"}', 'has no platform'],
])('%s would be found out', (expr, why) => {
  expect(() => judge(expr)).toThrow(why)
})
