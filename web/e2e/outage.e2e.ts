import { register } from './api.ts'
import { expect, test } from './people.ts'

/** What Chromium prints when nobody listens any more. */
const lost =
  /ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_INTERNET_DISCONNECTED|ERR_EMPTY_RESPONSE|WebSocket connection/

test('what is written while the server is dead arrives once and in order after its return', async ({
  person,
  server,
}) => {
  const ann = await person('out-ann', 'Ann Out')
  const bob = await person('out-bob', 'Bob Out')
  for (const one of [ann, bob]) one.expectNoise(lost)
  await ann.startChat('out-bob')
  await ann.write('before')
  await bob.row('Ann Out').click()
  await expect(bob.message('before')).toBeVisible()

  await ann.write('at the moment of death')
  await server.kill()
  await ann.write('while dead one')
  await ann.write('while dead two')
  await expect(ann.message('while dead two')).toHaveAttribute('data-status', 'sending')
  await expect(ann.page.getByTestId('banner')).toBeVisible()
  await server.restart()
  await expect(ann.message('while dead two')).toHaveAttribute('data-status', /sent|delivered|read/, {
    timeout: 40_000,
  })
  await expect(ann.page.getByTestId('banner')).toHaveCount(0)
  await expect(bob.message('while dead two')).toBeVisible({ timeout: 40_000 })
  const wanted = ['before', 'at the moment of death', 'while dead one', 'while dead two']
  for (const one of [ann, bob]) {
    await one.page.reload()
    await expect(one.message('while dead two')).toBeVisible()
    const texts = await one.page.locator('[data-message] .words').allInnerTexts()
    expect(texts.map((text) => wanted.find((words) => text.startsWith(words)))).toEqual(wanted)
  }
})

test('one may try again at once instead of waiting', async ({ person, server }) => {
  const ann = await person('out-now', 'Nora Now')
  ann.expectNoise(lost)
  await server.kill()
  await expect(ann.page.getByTestId('banner')).toHaveAttribute('data-state', 'waiting', { timeout: 20_000 })
  await server.restart()
  const retry = ann.page.getByRole('button', { name: 'Retry now' })
  await expect(async () => {
    // The automatic attempt may win the race; both lead online.
    if (await retry.isVisible()) await retry.click({ timeout: 500 }).catch(() => undefined)
    await expect(ann.page.getByTestId('connection')).toHaveAttribute('data-state', 'online', {
      timeout: 1000,
    })
  }).toPass()
})

test('without a network messages wait, say so, and go out when it is back', async ({ person, server }) => {
  await register(server, 'out-pia', 'Pia')
  const ann = await person('out-off', 'Otto Off')
  ann.expectNoise(lost)
  await ann.startChat('out-pia')
  await ann.context.setOffline(true)
  await expect(ann.page.getByTestId('banner')).toHaveAttribute('data-state', 'offline')
  await ann.write('into the dark')
  await expect(ann.message('into the dark')).toHaveAttribute('data-status', 'sending')
  await ann.context.setOffline(false)
  await expect(ann.message('into the dark')).toHaveAttribute('data-status', /sent|delivered|read/, {
    timeout: 40_000,
  })
  await expect(ann.page.getByTestId('banner')).toHaveCount(0)
})

test('a refused message says why and can be tried again or discarded', async ({ person, server }) => {
  const ann = await person('out-fail', 'Fay Fail')
  await ann.page.goto('/#/c/si_out-fail:out-later')
  await ann.write('to nobody')
  await ann.write('for the bin')
  await expect(ann.message('to nobody')).toHaveAttribute('data-status', 'failed')
  await expect(ann.message('to nobody')).toContainText('Not sent: There is nobody with this user id.')
  await ann.message('for the bin').getByRole('button', { name: 'Discard' }).click()
  await expect(ann.message('for the bin')).toHaveCount(0)
  await register(server, 'out-later', 'Lara Later')
  await ann.message('to nobody').getByRole('button', { name: 'Retry' }).click()
  await expect(ann.message('to nobody')).toHaveAttribute('data-status', /sent|delivered|read/)
})

test('a page opened while the server is away waits for it and keeps the session', async ({
  person,
  server,
}) => {
  const ann = await person('out-boot', 'Bo Boot')
  ann.expectNoise(lost)
  // The page itself comes from the server; only its questions go unanswered.
  await ann.context.route('**/user/info', (route) => route.abort('connectionrefused'))
  await ann.page.reload()
  await expect(ann.page.getByText('The server cannot be reached.')).toBeVisible()
  await ann.context.unroute('**/user/info')
  await ann.page.getByRole('button', { name: 'Try now' }).click()
  await expect(ann.page.getByTestId('own-name')).toHaveText('Bo Boot')
  expect(server.url).toContain('http')
})
