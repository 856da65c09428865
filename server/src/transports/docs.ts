import {
  type Event,
  errors,
  events,
  type Operation,
  operationNames,
  operations,
  protocolVersion,
} from '@nexo-im/protocol'

interface Shape {
  readonly type?: string
  readonly description?: string
  readonly properties?: Readonly<Record<string, Shape>>
  readonly required?: readonly string[]
  readonly items?: Shape
  readonly anyOf?: readonly Shape[]
  readonly const?: unknown
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly maxItems?: number
}

const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c] ?? c)

/** The browsable API page at `/docs`, printed from the contract's tables: no script, nothing from another host. */
export function docsPage(): string {
  const groups = Map.groupBy(operationNames, (name) => name.split('.')[0] ?? '')
  const menu = [...groups].map(
    ([group, names]) =>
      `<h2>${group}</h2><ul>${names.map((n) => `<li><a href="#${n}">${n}</a></li>`).join('')}</ul>`,
  )
  const sections = operationNames.map(operationSection)
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Nexo IM API</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="stylesheet" href="/docs/style.css"></head>
<body><nav><h1>Nexo IM API</h1><p>Contract version ${protocolVersion} · <a href="/openapi.json">OpenAPI 3.1</a></p>
${menu.join('')}<h2>more</h2><ul><li><a href="#events">events</a></li><li><a href="#errors">errors</a></li></ul></nav>
<main>${intro}${sections.join('')}${eventsSection()}${errorsSection()}</main></body></html>`
}

const intro = `<section><h2>How to call</h2><p>Every answer is <code>{"code": 0, "msg": "success", "data": …}</code>
with a real HTTP status. Send <code>Authorization: Bearer &lt;token&gt;</code> from <a href="#auth.login">auth.login</a>.
Over <code>/ws?token=…</code> the same operations are frames: without a subprotocol binary frames with base64
<code>data</code>, with <code>nexo.v1</code> text frames with nested JSON.</p></section>`

function operationSection(name: (typeof operationNames)[number]): string {
  const operation: Operation = operations[name]
  const routes = operation.routes.map((r) => `<code class="route"><b>${r.method}</b> ${r.path}</code>`)
  if (operation.frame !== undefined) routes.push(`<code class="route"><b>frame</b> ${operation.frame}</code>`)
  const codes = operation.errors.map((e) => `<a href="#error-${e}">${errors[e].code}</a>`).join(', ')
  return `<section id="${name}"><h2>${name}</h2><p>${escaped(operation.summary)}.${
    operation.access === 'public' ? ' No token needed.' : ''
  }</p><p>${routes.join(' ')}</p><h3>Takes</h3>${shapeTable(operation.input as Shape)}<h3>Answers</h3>${shapeTable(
    operation.output as Shape,
  )}${codes === '' ? '' : `<p>Own errors: ${codes}</p>`}</section>`
}

function shapeTable(shape: Shape): string {
  const fields = Object.entries(shape.properties ?? {})
  if (fields.length === 0) return `<p><code>${escaped(typeName(shape))}</code></p>`
  const rows = fields.map(([field, inner]) => {
    const optional = shape.required?.includes(field) ? '' : ' <i>optional</i>'
    return `<tr><td><code>${field}</code>${optional}</td><td>${escaped(typeName(inner))}</td><td>${escaped(
      [inner.description ?? '', limits(inner)].filter(Boolean).join(' '),
    )}</td></tr>`
  })
  return `<table>${rows.join('')}</table>`
}

function typeName(shape: Shape): string {
  if (shape.anyOf) return shape.anyOf.map(typeName).join(' or ')
  if (shape.const !== undefined) return JSON.stringify(shape.const)
  if (shape.items) return `array of ${typeName(shape.items)}`
  if (shape.properties && Object.keys(shape.properties).length > 0) {
    return `{ ${Object.keys(shape.properties).join(', ')} }`
  }
  return shape.type ?? 'any'
}

function limits(shape: Shape): string {
  const parts: string[] = []
  if (shape.maxLength !== undefined) parts.push(`${shape.minLength ?? 0}–${shape.maxLength} characters.`)
  if (shape.maxItems !== undefined) parts.push(`At most ${shape.maxItems}.`)
  const { minimum, maximum } = shape
  if (maximum !== undefined && maximum < 1e15) parts.push(`${minimum ?? ''}–${maximum}.`)
  return parts.join(' ')
}

function eventsSection(): string {
  const rows = Object.entries(events as Readonly<Record<string, Event>>).map(
    ([name, event]) =>
      `<tr><td><code>${name}</code></td><td>${event.frame}</td><td>${escaped(event.summary)}<br><code>${escaped(
        typeName(event.data as Shape),
      )}</code></td></tr>`,
  )
  return `<section id="events"><h2>Events</h2><table>${rows.join('')}</table></section>`
}

function errorsSection(): string {
  const rows = Object.entries(errors).map(
    ([name, e]) =>
      `<tr id="error-${name}"><td>${e.code}</td><td><code>${name}</code></td><td>${escaped(e.msg)}</td><td>HTTP ${
        e.http
      }</td><td>gRPC ${e.grpc}</td><td>${e.retry ? 'retry' : ''}</td></tr>`,
  )
  return `<section id="errors"><h2>Errors</h2><table>${rows.join('')}</table></section>`
}

export const docsStyle = `:root{color-scheme:light dark;--line:#8883;--mark:#3b6ef6}
*{box-sizing:border-box}body{margin:0;display:flex;font:15px/1.55 system-ui,sans-serif}
nav{position:sticky;top:0;height:100vh;overflow:auto;padding:24px;flex:0 0 260px;border-right:1px solid var(--line)}
nav h1{font-size:18px;margin:0}nav h2{font-size:12px;letter-spacing:.06em;text-transform:uppercase;opacity:.7;margin:18px 0 4px}
nav ul{list-style:none;margin:0;padding:0}a{color:var(--mark);text-decoration:none}a:hover{text-decoration:underline}
main{padding:24px 40px;max-width:900px;min-width:0}section{padding:0 0 28px;margin-bottom:28px;border-bottom:1px solid var(--line)}
h3{font-size:13px;margin:16px 0 6px;opacity:.75}table{border-collapse:collapse;width:100%}
td{border-top:1px solid var(--line);padding:6px 10px 6px 0;vertical-align:top}code{font:13px ui-monospace,monospace}
.route{display:inline-block;padding:2px 8px;border:1px solid var(--line);border-radius:6px;margin-right:6px}
i{opacity:.6;font-size:12px}@media(max-width:720px){body{display:block}nav{position:static;height:auto;border:0}main{padding:16px}}`
