/** Lines as the programs of the bench write them, for the tests of the pages. */
export type Fields = Readonly<Record<string, unknown>>

const environment = {
  node: 'v24.0.0',
  cpus: 2,
  cpuModel: 'Test',
  memoryBytes: 2 ** 34,
  kernel: 'linux 6',
  loadAverage: 0.5,
  commit: 'aaaaaaa',
  date: '2026-01-01T00:00:00.000Z',
}

/** @param day of January */
export function stamped(commit: string, day: number): Fields {
  return {
    environment: { ...environment, commit, date: `2026-01-${String(day).padStart(2, '0')}T00:00:00.000Z` },
  }
}

/** P1 on SQLite with four in flight. */
export function sendClosed(acks: number, more: Fields = {}): Fields {
  return {
    ...{ id: 'P1', scenario: 'send-closed', verdict: 'PASS', reasons: [], void: false },
    figures: [{ name: 'acks', value: acks, unit: '/s', better: 'more', goal: 20_000 }],
    ...{ store: 'sqlite', durability: 'D2', storeVersion: 'SQLite 3', nodes: 1, bus: null },
    ...{ fsyncP50Ms: 0.14, fsyncAfterP50Ms: 0.15, raised: [], notes: [], environment },
    ...{ codec: 'nexo.v1', seconds: 10, clients: 200, inFlight: 4, offeredPerSecond: null },
    ...{ acksPerSecond: acks, deliveriesPerSecond: acks, latencyOf: 'ack' },
    ...{ p50Ms: 1.5, p90Ms: 2, p99Ms: 3, p999Ms: 4, maxMs: 5, ackP50Ms: 1.5, ackP99Ms: 3 },
    ...{ serviceP99Ms: null, lastMemberP50Ms: null, lastMemberP99Ms: null },
    ...{ sent: 100, acked: 100, errors: 0, missing: 0, duplicates: 0, outOfOrder: 0, resyncs: 0, leftOut: 0 },
    ...{ serverCpuUsPerUnit: 40, storeCpuUsPerUnit: null, rssBytes: 2 ** 27, bytesPerSession: null },
    ...{ ceilingPerSecond: null, ceilingP50Ms: null, ceilingP99Ms: null, ratio: null },
    ...{ generatorCpu: 0.5, generatorLagP99Ms: 0.2 },
    ...more,
  }
}

/** P2 on SQLite. */
export function sendOpen(rate: number, p99Ms: number, more: Fields = {}): Fields {
  return sendClosed(rate, {
    ...{ id: 'P2', scenario: 'send-open', clients: 1000, inFlight: null, offeredPerSecond: rate },
    ...{ p50Ms: p99Ms / 4, p99Ms, latencyOf: 'delivery' },
    figures: [{ name: 'p99', value: p99Ms, unit: ' ms', better: 'less' }],
    ...more,
  })
}

/** R6 on SQLite. */
export function kill(verdict: string, times: number, more: Fields = {}): Fields {
  return {
    id: 'R6',
    options: { fault: 'kill', store: 'sqlite', clients: 50, seed: 7 },
    ...{ times, verdict, seconds: 30, environment },
    ...more,
  }
}

/** P1 beside a peer. */
export function compare(peer: string, median: number, more: Fields = {}): Fields {
  const run = { who: peer, durability: 'D2', setting: '', verdict: 'PASS', reasons: [], acksPerSecond: 100 }
  return {
    ...{ kind: 'compare', scenario: 'P1 send-closed', peer, load: '200 clients', seconds: 10 },
    ...{ store: 'mysql', metric: 'acks', repeated: 0, environment },
    rounds: [{ ours: run, theirs: [run], fsyncBeforeMs: 0.1, fsyncAfterMs: 0.1 }],
    comparisons: [{ who: peer, ratios: [median], spread: { median, min: median, max: median, of: 3 } }],
    ...more,
  }
}

/** R24, as fuzzing writes it. */
export function frames(verdict: string, count: number): Fields {
  return {
    ...{ id: 'R24', name: 'frames', store: 'sqlite', seed: 7, verdict, seconds: 9, environment },
    ...{ counts: { frames: count }, rssBefore: 2 ** 26, rssAfter: 2 ** 27, settings: [], failures: [] },
    table: [{ group: '1', cases: 12, passed: 12, note: 'whole | frames' }],
  }
}
