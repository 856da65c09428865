import { type Metric, Registry } from 'prom-client'
import { families } from './families.ts'
import type { Family, Sources } from './family.ts'
import { watchLoop } from './loop.ts'

/** The figures of one service. */
export interface Metrics {
  /** As Prometheus reads it, version 0.0.4 of its text format. */
  text(): Promise<string>
  readonly contentType: string
  /** Stops watching the event loop. */
  close(): void
}

/** A registry of its own for each service: two in one process do not disturb each other. */
export function createMetrics(parts: Omit<Sources, 'loop'>): Metrics {
  const loop = watchLoop()
  const registry = new Registry()
  for (const family of families) registry.registerMetric(shown(family, { ...parts, loop }))
  return { text: () => registry.metrics(), contentType: registry.contentType, close: loop.close }
}

/**
 * What the registry asks of a metric when it prints it, and no more: the library's own metrics count for themselves, and
 * what is counted here has been counted by the core.
 */
function shown({ name, help, type, read }: Family, sources: Sources): Metric {
  const metric = {
    name,
    get: async () => ({
      name,
      help,
      type,
      values: (await read(sources)).map(({ labels = {}, value, series }) => ({
        labels,
        value,
        ...(series && { metricName: `${name}_${series}` }),
      })),
    }),
  }
  return metric as unknown as Metric
}
