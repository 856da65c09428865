import { randomBytes } from 'node:crypto'
import { chmodSync, closeSync, fsyncSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'

/** Secrets that stand in published examples: anyone could sign tokens with them. */
const published = new Set([
  'your-secret-key',
  'your_jwt_secret_here',
  'openIM123',
  'secret',
  'changeme',
  'change-me',
  'password',
  'nexo',
])

export interface SecretChoice {
  readonly secret: string
  /** Says that a secret from the configuration was replaced; then only loopback may be listened on. */
  readonly replaced?: string
}

/**
 * The secret that signs tokens. Absent: generated at first start into the data folder (0600). A published or short
 * one is refused in release mode and replaced in debug mode (decisions, "Secrets and safety").
 */
export function chooseSecret(
  configured: string | undefined,
  mode: 'debug' | 'release',
  folder: string,
): SecretChoice {
  if (configured === undefined || configured === '') return { secret: ownSecret(folder) }
  const why = weakness(configured)
  if (why === undefined) return { secret: configured }
  if (mode === 'release') {
    throw new Error(
      `jwt.secret ${why}: set one of at least 32 random bytes, or leave it out and one is generated`,
    )
  }
  return {
    secret: ownSecret(folder),
    replaced: `jwt.secret ${why}: a generated one is used, on loopback only`,
  }
}

function weakness(secret: string): string | undefined {
  if (published.has(secret)) return 'is a published example'
  if (Buffer.byteLength(secret) < 32) return 'is shorter than 32 bytes'
  return new Set(secret).size < 8 ? 'has too few different characters to be random' : undefined
}

function ownSecret(folder: string): string {
  mkdirSync(folder, { recursive: true })
  const file = join(folder, 'token.secret')
  try {
    const known = readFileSync(file, 'utf8').trim()
    if (known.length >= 32) return known
    throw new Error(`${file} is damaged: restore it, or remove it and everybody signs in again`)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  const secret = randomBytes(48).toString('base64url')
  const handle = openSync(file, 'wx', 0o600)
  writeSync(handle, `${secret}\n`)
  // Tokens signed with a secret that a power cut forgets would all be invalid.
  fsyncSync(handle)
  closeSync(handle)
  chmodSync(file, 0o600)
  return secret
}
