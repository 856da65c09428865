import 'react'

declare module 'react' {
  interface CSSProperties {
    /** Degrees; the avatar's and the name's colour. */
    '--hue'?: number
  }
}
