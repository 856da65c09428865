/** A Markdown table; cells may hold line breaks as `\n`. */
export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cellOf).join(' | ')} |`
  return [line(heads), `|${heads.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n')
}

function cellOf(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', '<br>')
}

export function code(text: string): string {
  return `\`${text.replaceAll('`', "'")}\``
}

/** `12,345.6`; what was not measured is said to be so, and is never a zero. */
export function number(value: number | null | undefined, places = 2): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return 'n/a'
  return value.toLocaleString('en', { maximumFractionDigits: places })
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${number(count)} ${count === 1 ? one : many}`
}
