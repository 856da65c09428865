/** Figures of a histogram; times in milliseconds. */
export interface Latency {
  readonly count: number
  readonly meanMs: number
  readonly p50Ms: number
  readonly p90Ms: number
  readonly p99Ms: number
  readonly p999Ms: number
  readonly maxMs: number
}

/** A histogram on its way between processes. */
export interface Buckets {
  readonly counts: Float64Array
  readonly count: number
  readonly sum: number
  readonly max: number
}

const linear = 128
const half = linear / 2
const octaves = 25
const largest = 2 ** 31 - 1

/**
 * Counts microseconds in log-linear buckets: exact below 128 µs, then 64 buckets per octave, so a figure is
 * never more than 1/64 above the truth. The largest value it tells apart is 2^31 - 1 µs, about 35 minutes.
 */
export class Histogram {
  readonly #counts = new Float64Array(octaves * half + half)
  #count = 0
  #sum = 0
  #max = 0

  get count(): number {
    return this.#count
  }

  /** Negative values count as 0. */
  record(microseconds: number): void {
    const value = microseconds > 0 ? Math.min(Math.round(microseconds), largest) : 0
    const bucket = bucketOf(value)
    this.#counts[bucket] = (this.#counts[bucket] as number) + 1
    this.#count += 1
    this.#sum += value
    if (value > this.#max) this.#max = value
  }

  buckets(): Buckets {
    return { counts: this.#counts, count: this.#count, sum: this.#sum, max: this.#max }
  }

  add({ counts, count, sum, max }: Buckets): void {
    for (let bucket = 0; bucket < counts.length; bucket++)
      this.#counts[bucket] = (this.#counts[bucket] as number) + (counts[bucket] as number)
    this.#count += count
    this.#sum += sum
    this.#max = Math.max(this.#max, max)
  }

  /** The upper end of the bucket that holds the given share (0…1) of all values; 0 when empty. */
  percentile(share: number): number {
    const wanted = Math.max(1, Math.ceil(share * this.#count))
    let seen = 0
    for (let bucket = 0; bucket < this.#counts.length; bucket++) {
      seen += this.#counts[bucket] as number
      if (seen >= wanted) return Math.min(upperEnd(bucket), this.#max)
    }
    return this.#max
  }

  latency(): Latency {
    const ms = (us: number): number => Math.round(us) / 1000
    return {
      count: this.#count,
      meanMs: ms(this.#count === 0 ? 0 : this.#sum / this.#count),
      p50Ms: ms(this.percentile(0.5)),
      p90Ms: ms(this.percentile(0.9)),
      p99Ms: ms(this.percentile(0.99)),
      p999Ms: ms(this.percentile(0.999)),
      maxMs: ms(this.#max),
    }
  }
}

function bucketOf(value: number): number {
  if (value < linear) return value
  const octave = 31 - Math.clz32(value) - 6
  return octave * half + (value >>> octave)
}

function upperEnd(bucket: number): number {
  if (bucket < linear) return bucket
  const octave = Math.floor(bucket / half) - 1
  return (bucket - octave * half + 1) * 2 ** octave - 1
}
