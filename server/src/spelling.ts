/** The known word that is meant by one that is not known; undefined where none is near. */
export function nearestWord(word: string, known: readonly string[]): string | undefined {
  const [nearest] = known.map((name) => ({ name, d: distance(name, word) })).sort((a, b) => a.d - b.d)
  return nearest && nearest.d <= Math.min(6, nearest.name.length / 2) ? nearest.name : undefined
}

/** Edit distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next[j] = Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1)
    }
    row = next
  }
  return row[b.length] ?? 0
}
