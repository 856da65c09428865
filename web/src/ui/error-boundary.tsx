import { Component, type ErrorInfo, type ReactNode } from 'react'
import { type Text, TextContext } from '../i18n/index.ts'
import { Button } from './button.tsx'
import { Logo } from './logo.tsx'

interface Props {
  children: ReactNode
  /** Shown in place of what broke; the whole-page message without it. */
  fallback?: ReactNode
}

/** React offers no other form for this than a class. */
export class ErrorBoundary extends Component<Props, { broken: boolean }> {
  static override contextType: typeof TextContext = TextContext
  declare context: Text
  override state: { broken: boolean } = { broken: false }

  static getDerivedStateFromError(): { broken: boolean } {
    return { broken: true }
  }

  override componentDidCatch(error: Error, info: ErrorInfo): void {
    console.error('a screen broke', error, info.componentStack)
  }

  override render(): ReactNode {
    if (!this.state.broken) return this.props.children
    if (this.props.fallback !== undefined) return this.props.fallback
    const t = this.context
    return (
      <main className="grid h-full place-items-center p-6 text-center">
        <div className="flex max-w-sm flex-col items-center gap-3">
          <Logo size={44} />
          <h1 className="text-title font-semibold">{t('app.crashed.title')}</h1>
          <p className="text-soft">{t('app.crashed.text')}</p>
          <Button onClick={() => location.reload()}>{t('app.reload')}</Button>
        </div>
      </main>
    )
  }
}
