/**
 * What became of one part of the quick set. A `warning` counts as good: a figure below its goal, a run in which the machine
 * was in the way, a fault that this machine refuses.
 * @typedef {{ name: string, verdict: 'pass' | 'warning' | 'FAIL', words: string }} Result
 */

/**
 * What the lines say that a part wrote.
 * @param {string} name
 * @param {number} code   exit code of the part
 * @param {string} lines  JSON, one per line
 * @returns {Result[]}
 */
export function resultsOf(name, code, lines) {
  const results = lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => resultOf(name, JSON.parse(line)))
  // A part knows more than its lines do: what is below its floor, or how it ended.
  const isUntold = code !== 0 && !results.some(({ verdict }) => verdict === 'FAIL')
  const ended = code === 143 ? 'it took too long' : `it ended with ${code}, see its output above`
  if (isUntold) return [...results, { name, verdict: 'FAIL', words: ended }]
  if (results.length === 0) return [{ name, verdict: 'FAIL', words: 'it said nothing' }]
  return results
}

/**
 * @param {string} name
 * @param {any} line
 * @returns {Result}
 */
function resultOf(name, line) {
  const { id, scenario, verdict, reason, reasons = [], failures = [], figures = [] } = line
  const load = line.offeredPerSecond ?? line.inFlight
  const title = [id, scenario ?? name, load].filter((part) => part !== undefined && part !== null).join(' ')
  const why = [...reasons, ...failures, ...brokenIn(line), ...(reason === undefined ? [] : [reason])]
  const first = String(why[0] ?? '').split('\n')[0] ?? ''
  if (/^fail$/i.test(verdict)) return { name: title, verdict: 'FAIL', words: first }
  if (!/^pass$/i.test(verdict)) return { name: title, verdict: 'warning', words: `${verdict}: ${first}` }
  const short = figures.filter((/** @type {any} */ figure) => !isReached(figure))
  const words = (short.length > 0 ? short : figures).map(wordsOf).join(', ')
  return { name: title, verdict: short.length > 0 ? 'warning' : 'pass', words: words || countsOf(line) }
}

/** @param {any} line @returns {string[]} */
function brokenIn({ judgement, measures = [] }) {
  return [
    ...(judgement?.rulings ?? [])
      .filter((/** @type {any} */ ruling) => ruling.violations > 0)
      .map((/** @type {any} */ { id, says, violations }) => `${id} violated ${violations} times: ${says}`),
    ...measures
      .filter(
        (/** @type {any} */ { values, limit }) => !values.every((/** @type {number} */ v) => v <= limit),
      )
      .map((/** @type {any} */ { name, values, unit }) => `${name}: ${Math.max(...values)} ${unit}`),
  ]
}

/** @param {any} line */
function countsOf({ times, judgement, counts = {} }) {
  const { acked, lost, duplicates } = judgement?.figures ?? {}
  if (acked !== undefined) return `×${times}, ${acked} acked, ${lost} lost, ${duplicates} twice`
  return Object.entries(counts)
    .slice(0, 2)
    .map(([what, count]) => `${count} ${what}`)
    .join(', ')
}

/** @param {any} figure */
function isReached({ value, goal, better }) {
  if (value === null || goal === undefined) return true
  return better === 'more' ? value >= goal : value <= goal
}

/** @param {any} figure */
function wordsOf({ name, value, unit, goal, better }) {
  const aim = goal === undefined ? '' : ` (goal ${better === 'more' ? '≥' : '≤'} ${goal})`
  return `${name} ${value ?? 'n/a'}${unit}${aim}`
}

/** @param {readonly Result[]} results */
export function tableOf(results) {
  const width = Math.max(...results.map(({ name }) => name.length))
  return results
    .map(({ name, verdict, words }) => `${verdict.padEnd(8)}${name.padEnd(width)}  ${words}`)
    .join('\n')
}
