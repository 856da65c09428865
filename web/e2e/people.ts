import {
  type BrowserContext,
  type BrowserContextOptions,
  test as base,
  expect,
  type Locator,
  type Page,
} from '@playwright/test'
import { password, register } from './api.ts'
import { startServer, type TestServer } from './server.ts'

/** A browser of one person, watched for everything that must never happen. */
export interface Person {
  readonly page: Page
  readonly context: BrowserContext
  /** Console lines that this test provokes on purpose. */
  readonly expectNoise: (pattern: RegExp) => void
  readonly row: (title: string) => Locator
  readonly message: (text: string) => Locator
  readonly write: (text: string) => Promise<void>
  readonly startChat: (userId: string) => Promise<void>
}

/** Something done to a browser before its first page. */
type Prepare = (context: BrowserContext) => Promise<void>

interface Fixtures {
  /** Opens a browser without an account. */
  visitor: (options?: BrowserContextOptions, prepare?: Prepare) => Promise<Person>
  /** Opens a browser of somebody who is signed in; creates the account when there is none. */
  person: (
    id: string,
    nickname: string,
    options?: BrowserContextOptions,
    prepare?: Prepare,
  ) => Promise<Person>
}

/** Every worker has one server; tests keep apart by using ids of their own. */
export const test = base.extend<Fixtures, { server: TestServer }>({
  server: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixture's needs from this pattern
    async ({}, use) => {
      const server = await startServer()
      await use(server)
      await server.remove()
    },
    { scope: 'worker' },
  ],
  visitor: async ({ browser, server }, use) => {
    const opened: { context: BrowserContext; judge: () => void }[] = []
    await use(async (options, prepare) => {
      const context = await browser.newContext({ baseURL: server.url, locale: 'en-US', ...options })
      await prepare?.(context)
      const { person, judge } = await watch(context, server)
      opened.push({ context, judge })
      return person
    })
    // Left open they would all go on living, each with its socket, until the last test of the worker.
    for (const { context } of opened) await context.close()
    for (const { judge } of opened) judge()
  },
  person: async ({ visitor, server }, use) => {
    await use(async (id, nickname, options, prepare) => {
      await register(server, id, nickname).catch(() => undefined)
      const person = await visitor(options, prepare)
      await person.page.goto('/')
      await signInAs(person.page, id)
      return person
    })
  },
})

export async function signInAs(page: Page, id: string): Promise<void> {
  await page.locator('input[autocomplete=username]').fill(id)
  await page.locator('input[autocomplete=current-password]').fill(password)
  await page.locator('form button[type=submit]').click()
  await expect(page.getByTestId('connection')).toHaveAttribute('data-state', 'online')
}

async function watch(
  context: BrowserContext,
  server: TestServer,
): Promise<{ person: Person; judge: () => void }> {
  const bad: string[] = []
  const noise: RegExp[] = []
  await context.exposeBinding('reportPolicy', (_, words: string) => bad.push(`policy: ${words}`))
  await context.addInitScript(() => {
    addEventListener('securitypolicyviolation', (event) => {
      const report = (globalThis as unknown as { reportPolicy: (words: string) => void }).reportPolicy
      report(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`)
    })
  })
  context.on('request', (request) => {
    const { protocol, host } = new URL(request.url())
    if (protocol !== 'blob:' && host !== new URL(server.url).host)
      bad.push(`foreign request: ${request.url()}`)
  })
  context.on('weberror', (error) => bad.push(`thrown: ${error.error().message}`))
  context.on('dialog', (dialog) => {
    bad.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  context.on('console', (line) => {
    const words = `${line.type()}: ${line.text()} ${line.location().url}`
    if (line.type() === 'error' || line.type() === 'warning') bad.push(words)
  })
  const page = await context.newPage()
  page.on('websocket', (socket) => {
    if (new URL(socket.url()).host !== new URL(server.url).host) bad.push(`foreign socket: ${socket.url()}`)
  })
  const person: Person = {
    page,
    context,
    expectNoise: (pattern) => noise.push(pattern),
    row: (title) =>
      page.locator('[data-conversation]').filter({ has: page.getByTestId('title').getByText(title) }),
    message: (text) => page.locator('[data-message]').filter({ hasText: text }),
    write: async (text) => {
      const input = page.getByRole('textbox', { name: /^Message to/ })
      await input.fill(text)
      await input.press('Enter')
    },
    startChat: async (userId) => {
      await page.getByRole('button', { name: 'New chat' }).first().click()
      await page.getByRole('dialog').getByLabel('User id').fill(userId)
      await page.getByRole('button', { name: 'Open chat' }).click()
      await expect(page.getByRole('dialog')).toHaveCount(0)
    },
  }
  const judge = (): void => {
    expect(bad.filter((words) => !noise.some((pattern) => pattern.test(words)))).toEqual([])
  }
  return { person, judge }
}

export { expect }
