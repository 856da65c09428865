/** A drawing of points in a plane: own SVG, readable on light and dark ground, no script, nothing loaded. */
export interface Plot {
  readonly title: string
  /** With its unit. */
  readonly x: string
  readonly y: string
  readonly series: readonly Series[]
}

export interface Series {
  readonly name: string
  /** By x, rising. */
  readonly points: readonly (readonly [x: number, y: number])[]
}

const width = 760
const height = 420
const left = 78
const right = 36
const bottom = 56
const legendLine = 18
const legendColumns = 2

/** Told apart by dash and mark as well, for eyes and prints without colours. */
const inks = [
  { light: '#0b62c4', dark: '#6cb2ff' },
  { light: '#b3400e', dark: '#ffa366' },
  { light: '#1a7f37', dark: '#5fd68a' },
  { light: '#7b3fb5', dark: '#c9a2ff' },
  { light: '#9a6700', dark: '#e8c04f' },
  { light: '#a40e4c', dark: '#ff8ab5' },
] as const
const dashes = ['', '7 4', '2 3', '10 3 2 3'] as const

export function svgOf(plot: Plot): string {
  const top = 44 + legendLine * Math.ceil(plot.series.length / legendColumns)
  const xs = scaleOf(
    plot.series.flatMap(({ points }) => points.map(([x]) => x)),
    [left, width - right],
  )
  const ys = scaleOf(
    plot.series.flatMap(({ points }) => points.map(([, y]) => y)),
    [height - bottom, top],
  )
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title desc">
<title id="title">${escaped(plot.title)}</title>
<desc id="desc">${escaped(wordsOf(plot))}</desc>
<style>
svg { color-scheme: light dark; font: 13px system-ui, sans-serif; --ground: #ffffff; --ink: #1f2328; --line: #d1d9e0; ${inkRules('light')} }
@media (prefers-color-scheme: dark) { svg { --ground: #0d1117; --ink: #e6edf3; --line: #3d444d; ${inkRules('dark')} } }
text { fill: var(--ink); } .title { font-size: 15px; font-weight: 600; } .grid { stroke: var(--line); }
</style>
<rect width="${width}" height="${height}" fill="var(--ground)"/>
<text class="title" x="${left}" y="24">${escaped(plot.title)}</text>
${plot.series.map(legend).join('\n')}
${xs.ticks.map((tick) => xTick(xs.at(tick), tick, top)).join('\n')}
${ys.ticks.map((tick) => yTick(ys.at(tick), tick)).join('\n')}
<text x="${(left + width - right) / 2}" y="${height - 12}" text-anchor="middle">${escaped(plot.x)}${xs.isLog ? ', logarithmic' : ''}</text>
<text transform="translate(18 ${(top + height - bottom) / 2}) rotate(-90)" text-anchor="middle">${escaped(plot.y)}${ys.isLog ? ', logarithmic' : ''}</text>
${plot.series.map((series, i) => curve(series, i, xs.at, ys.at)).join('\n')}
</svg>
`
}

/** The same in words, for who does not see it: every point. */
export function wordsOf({ title, x, y, series }: Plot): string {
  const each = series.map(
    ({ name, points }) => `${name}: ${points.map(([a, b]) => `${shown(b)} at ${shown(a)}`).join(', ')}`,
  )
  return `${title}; ${y}, against ${x}. ${each.join('. ')}.`
}

function inkRules(ground: 'light' | 'dark'): string {
  return inks.map((ink, i) => `--s${i}: ${ink[ground]};`).join(' ')
}

function inkOf(i: number): string {
  return `var(--s${i % inks.length})`
}

function legend({ name }: Series, i: number): string {
  const x = left + (i % legendColumns) * ((width - left - right) / legendColumns)
  const y = 44 + legendLine * Math.floor(i / legendColumns)
  return `<line x1="${x}" x2="${x + 26}" y1="${y - 4}" y2="${y - 4}" stroke="${inkOf(i)}" stroke-width="2"${dash(i)}/>${mark(i, x + 13, y - 4)}<text x="${x + 34}" y="${y}">${escaped(name)}</text>`
}

function dash(i: number): string {
  const pattern = dashes[i % dashes.length] ?? ''
  return pattern === '' ? '' : ` stroke-dasharray="${pattern}"`
}

function mark(i: number, x: number, y: number): string {
  const fill = inkOf(i)
  if (i % 3 === 0) return `<circle cx="${round(x)}" cy="${round(y)}" r="4" fill="${fill}"/>`
  if (i % 3 === 1)
    return `<rect x="${round(x - 3.5)}" y="${round(y - 3.5)}" width="7" height="7" fill="${fill}"/>`
  return `<path d="M${round(x)} ${round(y - 5)}l5 9h-10z" fill="${fill}"/>`
}

function curve({ points }: Series, i: number, x: (v: number) => number, y: (v: number) => number): string {
  const places = points.map(([a, b]) => [x(a), y(b)] as const)
  const line = places.map(([a, b]) => `${round(a)},${round(b)}`).join(' ')
  const marks = places.map(([a, b]) => mark(i, a, b)).join('')
  return `<polyline points="${line}" fill="none" stroke="${inkOf(i)}" stroke-width="2"${dash(i)}/>${marks}`
}

function xTick(x: number, value: number, top: number): string {
  return `<line class="grid" x1="${round(x)}" x2="${round(x)}" y1="${top}" y2="${height - bottom}"/><text x="${round(x)}" y="${height - bottom + 18}" text-anchor="middle">${shown(value)}</text>`
}

function yTick(y: number, value: number): string {
  return `<line class="grid" x1="${left}" x2="${width - right}" y1="${round(y)}" y2="${round(y)}"/><text x="${left - 8}" y="${round(y + 4)}" text-anchor="end">${shown(value)}</text>`
}

interface Scale {
  readonly ticks: readonly number[]
  readonly isLog: boolean
  at(value: number): number
}

/** Beyond this ratio of the greatest to the least the axis is logarithmic; it never is with a zero. */
const wide = 20

function scaleOf(values: readonly number[], [from, to]: readonly [number, number]): Scale {
  const [min, max] = [Math.min(...values), Math.max(...values)]
  const isLog = min > 0 && max / min > wide
  const ticks = isLog ? logTicks(min, max) : linearTicks(max)
  const of = isLog ? Math.log10 : (value: number): number => value
  const [low, high] = [of(ticks[0] ?? 0), of(ticks.at(-1) ?? 1)]
  return { ticks, isLog, at: (value) => from + ((of(value) - low) / (high - low)) * (to - from) }
}

/** Around all values: 1, 2, 5, 10 … where there is room, else powers of ten. */
function logTicks(min: number, max: number): number[] {
  const first = Math.floor(Math.log10(min))
  const last = Math.max(first + 1, Math.ceil(Math.log10(max)))
  const powers = Array.from({ length: last - first + 1 }, (_, i) => 10 ** (first + i))
  if (powers.length > 4) return powers
  const fine = powers.flatMap((power) => [power, 2 * power, 5 * power])
  const from = fine.findLastIndex((tick) => tick <= min)
  return fine.slice(Math.max(0, from), fine.findIndex((tick) => tick >= max) + 1)
}

/** From zero on, so that a length is a size. */
function linearTicks(max: number): number[] {
  if (max <= 0) return [0, 1]
  const rough = max / 5
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough) ?? max
  return Array.from({ length: Math.ceil(max / step) + 1 }, (_, i) => i * step)
}

function shown(value: number): string {
  return value.toLocaleString('en', { maximumSignificantDigits: 4 })
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
