import { createServer, type Server, type ServerResponse } from 'node:http'
import type { Log } from '../core/ports.ts'
import type { Metrics } from './metrics.ts'

/** Answers `GET /metrics` and nothing else; not listening yet. */
export function createMetricsServer({ text, contentType }: Metrics, log: Log): Server {
  return createServer((request, response) => {
    const [path] = (request.url ?? '').split('?')
    if (request.method !== 'GET' || path !== '/metrics') {
      answer(response, 404, 'text/plain; charset=utf-8', 'only GET /metrics is answered here\n')
      return
    }
    text().then(
      (figures) => answer(response, 200, contentType, figures),
      (error: unknown) => {
        log.error({ err: error }, 'metrics could not be read')
        answer(response, 500, 'text/plain; charset=utf-8', 'the figures could not be read: see the log\n')
      },
    )
  })
}

function answer(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, {
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  })
  response.end(body)
}
