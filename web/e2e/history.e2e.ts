import type { BrowserContext, Locator, Page } from '@playwright/test'
import { register, signIn } from './api.ts'
import { expect, test } from './people.ts'

const count = 320

async function place(line: Locator): Promise<number> {
  const box = await line.boundingBox()
  if (box === null) throw new Error('not in view')
  return box.y
}

/** Waits until nothing moves any more. */
async function still(page: Page): Promise<void> {
  let before = -1
  await expect(async () => {
    const now = await page.getByTestId('messages').evaluate((list) => list.scrollTop)
    const same = now === before
    before = now
    expect(same).toBe(true)
  }).toPass({ intervals: [150] })
}

/** Lets answers to pulls (frame 1005) arrive so late that one can look at the list before and after. */
async function slowPulls(context: BrowserContext): Promise<void> {
  await context.routeWebSocket(/\/ws\?/, (socket) => {
    const server = socket.connectToServer()
    server.onMessage((frame) => {
      const late = typeof frame === 'string' && frame.startsWith('{"req_identifier":1005,')
      setTimeout(() => socket.send(frame), late ? 1500 : 0)
    })
  })
}

test('history comes by scrolling up, to the first message, without losing the reading place', async ({
  person,
  server,
}) => {
  await register(server, 'his-bob', 'Bob Back')
  const bob = await signIn(server, 'his-bob')
  const ann = await person('his-ann', 'Ann After', {}, slowPulls)
  for (let n = 1; n <= count; n++)
    await bob.say({ recv_id: 'his-ann' }, `line ${n} ${'and more '.repeat(n % 7)}`)
  const { page } = ann
  await expect(ann.row('Bob Back').getByTestId('unread')).toHaveText(String(count))
  await ann.row('Bob Back').click()
  await expect(page.locator(`[data-seq="${count}"]`)).toBeInViewport()
  // Only what is near the screen is in the document.
  expect(await page.locator('[data-message]').count()).toBeLessThan(80)

  await page.getByTestId('messages').hover()
  const oldest = async (): Promise<number> =>
    Number(await page.locator('[data-message]').first().getAttribute('data-seq'))
  for (let pages = 0; pages < 2; pages++) {
    await page.mouse.wheel(0, -20_000)
    await expect(page.getByText('Loading messages')).toBeAttached()
    await still(page)
    const edge = await oldest()
    const anchor = page.locator(`[data-seq="${edge}"]`)
    const before = await place(anchor)
    await expect.poll(oldest).toBeLessThan(edge)
    await still(page)
    expect(Math.abs((await place(anchor)) - before)).toBeLessThanOrEqual(1)
  }
  await expect(async () => {
    await page.mouse.wheel(0, -4000)
    await expect(page.locator('[data-seq="1"]')).toBeInViewport({ timeout: 100 })
  }).toPass({ intervals: [50] })
  await expect(page.getByText('This is the beginning of the conversation.')).toBeVisible()
  const seqs = await page
    .locator('[data-message]')
    .evaluateAll((lines) => lines.map((line) => Number(line.getAttribute('data-seq'))))
  expect(seqs).toEqual(seqs.map((_, i) => i + 1))
})

test('while one reads above, news only count; the button leads down to them', async ({ person, server }) => {
  await register(server, 'his-eve', 'Eve Early')
  const eve = await signIn(server, 'his-eve')
  const ann = await person('his-dan', 'Dan Down')
  for (let n = 1; n <= 60; n++) await eve.say({ recv_id: 'his-dan' }, `note ${n}.`)
  await ann.row('Eve Early').click()
  await expect(ann.message('note 60.')).toBeInViewport()
  await ann.page.getByTestId('messages').hover()
  await ann.page.mouse.wheel(0, -900)
  await still(ann.page)
  const anchor = ann.page.locator('[data-message]').nth(12)
  const before = await place(anchor)
  await eve.say({ recv_id: 'his-dan' }, 'news one.')
  await eve.say({ recv_id: 'his-dan' }, 'news two.')
  const button = ann.page.getByRole('button', { name: 'Jump to 2 new messages' })
  await expect(button).toBeVisible()
  expect(await place(anchor)).toBe(before)
  await expect(ann.row('Eve Early').getByTestId('unread')).toHaveText('2')
  await button.click()
  await expect(ann.message('news two.')).toBeInViewport()
  await expect(button).toHaveCount(0)
  await expect(ann.row('Eve Early').getByTestId('unread')).toHaveCount(0)
  await eve.say({ recv_id: 'his-dan' }, 'followed.')
  await expect(ann.message('followed.')).toBeInViewport()
})

test('a conversation with unread messages opens at the line above them', async ({ person, server }) => {
  await register(server, 'his-uma', 'Uma Unread')
  const uma = await signIn(server, 'his-uma')
  const ann = await person('his-ned', 'Ned Next')
  for (let n = 1; n <= 30; n++) await uma.say({ recv_id: 'his-ned' }, `read ${n}.`)
  await ann.row('Uma Unread').click()
  await ann.page.getByRole('button', { name: /^Jump to \d+ new messages/ }).click()
  await expect(ann.row('Uma Unread').getByTestId('unread')).toHaveCount(0)
  await ann.page.evaluate(() => {
    location.hash = '#/'
  })
  for (let n = 1; n <= 25; n++) await uma.say({ recv_id: 'his-ned' }, `fresh ${n}.`)
  await expect(ann.row('Uma Unread').getByTestId('unread')).toHaveText('25')
  await ann.row('Uma Unread').click()
  await expect(ann.page.getByTestId('unread-line')).toBeInViewport()
  await expect(ann.message('fresh 1.')).toBeInViewport()
  await expect(ann.message('fresh 25.')).not.toBeInViewport()
  // What lies below has not been read by opening.
  await expect(ann.row('Uma Unread').getByTestId('unread')).toBeVisible()
})
