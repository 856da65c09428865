import { password, register, signIn } from './api.ts'
import { expect, signInAs, test } from './people.ts'

/** What Chromium prints for every answer of 4xx. */
const refusal = /Failed to load resource.*status of 4\d\d/

test('a new account is created after its problems are told in words', async ({ visitor }) => {
  const { page } = await visitor()
  await page.goto('/')
  await page.getByRole('button', { name: 'Create account' }).click()
  const submit = page.locator('form button[type=submit]')
  await submit.click()
  await expect(page.getByText('Enter your user id.')).toBeVisible()
  await page.getByLabel('User id').fill('in:valid')
  await page.getByLabel('Password', { exact: true }).fill('seven77')
  await submit.click()
  await expect(page.getByText('has no colon')).toBeVisible()
  await expect(page.getByText('A password has at least 8 characters.')).toBeVisible()
  await page.getByLabel('User id').fill('sig-new')
  await page.getByLabel('Nickname').fill('Sigrid New')
  await page.getByLabel('Password', { exact: true }).fill(password)
  await submit.click()
  await expect(page.getByTestId('own-name')).toHaveText('Sigrid New')
  await expect(page.getByTestId('connection')).toHaveText('Online')
})

test('a taken id, an unknown id and a wrong password are named at their fields', async ({
  visitor,
  server,
}) => {
  await register(server, 'sig-taken', 'Taken')
  const person = await visitor()
  person.expectNoise(refusal)
  const { page } = person
  await page.goto('/')
  await page.getByLabel('User id').fill('sig-nobody')
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.locator('form button[type=submit]').click()
  await expect(page.getByRole('alert').first()).toHaveText(/nobody with this user id|Signing in failed/)
  await page.getByLabel('User id').fill('sig-taken')
  await page.getByLabel('Password', { exact: true }).fill('not the password')
  await page.locator('form button[type=submit]').click()
  await expect(page.getByRole('alert').first()).toHaveText(/password is not right|Signing in failed/)
  await page.getByRole('button', { name: 'Create account' }).click()
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.locator('form button[type=submit]').click()
  await expect(page.getByText('This user id is taken.')).toBeVisible()
})

test('the password can be shown and hidden', async ({ visitor }) => {
  const { page } = await visitor()
  await page.goto('/')
  const field = page.getByLabel('Password', { exact: true })
  await field.fill('seen')
  await expect(field).toHaveAttribute('type', 'password')
  await page.getByRole('button', { name: 'Show password' }).click()
  await expect(field).toHaveAttribute('type', 'text')
  await page.getByRole('button', { name: 'Hide password' }).click()
  await expect(field).toHaveAttribute('type', 'password')
})

test('a session survives a reload and ends with signing out', async ({ person, server }) => {
  const { page } = await person('sig-reload', 'Rell')
  await page.reload()
  await expect(page.getByTestId('own-name')).toHaveText('Rell')
  await page.getByRole('button', { name: 'Settings' }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await expect(page.getByRole('heading', { name: 'Welcome back' })).toBeVisible()
  expect(await page.evaluate(() => localStorage.getItem('nexo.session'))).toBeNull()
  await page.reload()
  await expect(page.getByRole('heading', { name: 'Welcome back' })).toBeVisible()
  expect(server.url).toContain('127.0.0.1')
})

test('a second login on the same platform ends the first session, says so and does not come back', async ({
  person,
}) => {
  const first = await person('sig-twice', 'Tess')
  // The first page learns the reason by asking over HTTP, and is refused.
  first.expectNoise(refusal)
  const second = await person('sig-twice', 'Tess')
  await expect(first.page.getByTestId('ended')).toBeVisible()
  await expect(first.page.getByText('signed in at another browser')).toBeVisible()
  await expect(second.page.getByTestId('connection')).toHaveAttribute('data-state', 'online')
  await first.page.getByRole('button', { name: 'Sign in again' }).click()
  await signInAs(first.page, 'sig-twice')
  second.expectNoise(refusal)
  await expect(second.page.getByTestId('ended')).toBeVisible()
})

test('a kept token that the server no longer accepts leads to the ended screen', async ({
  person,
  server,
}) => {
  const tab = await person('sig-stale', 'Stan')
  tab.expectNoise(refusal)
  await tab.page.goto('about:blank')
  await signIn(server, 'sig-stale', 5)
  await tab.page.goto('/')
  await expect(tab.page.getByTestId('ended')).toBeVisible()
  expect(await tab.page.evaluate(() => localStorage.getItem('nexo.session'))).toBeNull()
})
