import Type from 'typebox'

/** Platform numbers ★+◆ (nexo-wire section 4); 6–11 are OpenIM's further ones. */
export const platforms = [
  'Unknown',
  'iOS',
  'Android',
  'Windows',
  'macOS',
  'Web',
  'MiniWeb',
  'Linux',
  'AndroidPad',
  'iPad',
  'Admin',
  'HarmonyOS',
] as const

export const PlatformId = Type.Integer({
  minimum: 0,
  maximum: platforms.length - 1,
  description: '0 unknown, 1 iOS, 2 Android, 3 Windows, 4 macOS, 5 Web, 6–11 further ones.',
})

export function platformName(id: number): string {
  return platforms[id] ?? platforms[0]
}

/** Why a session ended, as told in frame 2002. */
export const KickReason = Type.Union([
  Type.Literal('login'),
  Type.Literal('logout'),
  Type.Literal('revoked'),
  Type.Literal('expired'),
])
export type KickReason = Type.Static<typeof KickReason>

export const Kicked = Type.Object({ reason: KickReason, platform_id: PlatformId })
