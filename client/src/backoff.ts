/** Ceiling of the first wait and of every wait, ms. */
const first = 500
const most = 30_000

/**
 * Full jitter: anywhere between nothing and a ceiling that doubles per failed attempt, so that clients thrown out
 * together do not come back together.
 * @param attempt 1 for the first wait. @param random in [0, 1)
 */
export function backoff(attempt: number, random: () => number): number {
  return Math.round(random() * Math.min(most, first * 2 ** Math.max(0, attempt - 1)))
}
