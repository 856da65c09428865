import type { ReactNode } from 'react'

/** The mark: an N drawn in one line that ends in a spark. */
export function Logo({ size = 32 }: { size?: number }): ReactNode {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="9" fill="#1c6b66" />
      <path
        d="M9 23.5V12.4c0-1.7 2.1-2.4 3.1-1.1l7.8 9.9c1 1.3 3.1.6 3.1-1.1v-6.4"
        fill="none"
        stroke="#f6f3ec"
        strokeWidth="3"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
      <circle cx="23" cy="8.6" r="2.4" fill="#f2a35e" />
    </svg>
  )
}
