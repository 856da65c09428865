/** What a scenario is about, in one number, and what it should be. */
export interface Figure {
  readonly name: string
  /** `null` = does not apply or could not be measured. */
  readonly value: number | null
  readonly unit: string
  readonly better: 'more' | 'less'
  /** For a machine with two cores that it shares with its database and the generator. */
  readonly goal?: number | undefined
  /** What a unit of work takes, and no speed: warned of, and without a floor. */
  readonly isCost?: true
}

/** Shared machines reach this share of a goal at the least; below it something is wrong. */
const floorShare = 0.4

export function atLeast(name: string, value: number | null, unit: string, goal?: number): Figure {
  return { name, value, unit, better: 'more', goal }
}

export function atMost(name: string, value: number | null, unit: string, goal?: number): Figure {
  return { name, value, unit, better: 'less', goal }
}

/** How far off the goals the figures are: each that misses its own, and those that are not even at the floor. */
export interface Distance {
  readonly short: readonly string[]
  readonly belowFloor: readonly string[]
}

export function distanceOf(figures: readonly Figure[]): Distance {
  const short = figures.filter((figure) => !reaches(figure, 1))
  return {
    short: short.map(wordsOf),
    belowFloor: short.filter((figure) => figure.isCost !== true && !reaches(figure, floorShare)).map(wordsOf),
  }
}

/** What was not measured misses nothing: the verdict tells why. */
function reaches({ value, goal, better }: Figure, share: number): boolean {
  if (value === null || goal === undefined) return true
  return better === 'more' ? value >= goal * share : value <= goal / share
}

/** "acks 8,097/s (goal ≥ 20,000)" */
export function wordsOf({ name, value, unit, better, goal }: Figure): string {
  const shown = value === null ? 'n/a' : `${value.toLocaleString('en')}${unit}`
  if (goal === undefined) return `${name} ${shown}`
  return `${name} ${shown} (goal ${better === 'more' ? '≥' : '≤'} ${goal.toLocaleString('en')})`
}
