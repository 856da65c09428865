/** A value at a time. */
export interface Sample {
  /** Seconds. */
  readonly at: number
  readonly value: number
}

/** What the values rise by in a second, by least squares; 0 with fewer than two times. */
export function slopeOf(samples: readonly Sample[]): number {
  const mean = (of: (sample: Sample) => number): number =>
    samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length
  const at = mean((sample) => sample.at)
  const value = mean((sample) => sample.value)
  let above = 0
  let below = 0
  for (const sample of samples) {
    above += (sample.at - at) * (sample.value - value)
    below += (sample.at - at) ** 2
  }
  return below === 0 ? 0 : above / below
}
