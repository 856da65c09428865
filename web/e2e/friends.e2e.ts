import { expectNoViolations } from './accessibility.ts'
import { register, signIn } from './api.ts'
import { expect, type Person, test } from './people.ts'
import type { TestServer } from './server.ts'

async function befriend(server: TestServer, a: string, b: string): Promise<void> {
  const [one, other] = await Promise.all([signIn(server, a), signIn(server, b)])
  await one.call('POST', '/friend/request', { user_id: b })
  await other.call('POST', '/friend/accept', { user_id: a })
}

async function openContacts({ page }: Person): Promise<void> {
  await page.getByRole('tab', { name: /^Contacts/ }).click()
}

test('somebody is found by nickname, asked, accepts, and both can write', async ({ person }) => {
  const ann = await person('fr-ann', 'Ann Frost')
  const bob = await person('fr-bob', 'Bob Field')
  await openContacts(ann)
  await ann.page.getByRole('button', { name: 'Add friend' }).first().click()
  const dialog = ann.page.getByRole('dialog')
  await dialog.getByLabel('User id or nickname').fill('nobody of that name')
  await dialog.getByRole('button', { name: 'Search' }).click()
  await expect(dialog.getByText('Nobody found.')).toBeVisible()
  await dialog.getByLabel('User id or nickname').fill('Bob Field')
  await dialog.getByRole('button', { name: 'Search' }).click()
  await dialog.getByLabel('A word with the request').fill('From the tram')
  await dialog.getByRole('button', { name: 'Send request' }).click()
  await expect(dialog.getByText('Waits for an answer')).toBeVisible()
  await ann.page.keyboard.press('Escape')
  await expect(ann.page.locator('[data-request="fr-bob"]')).toBeVisible()

  await expect(bob.page.getByTestId('requests')).toHaveText('1')
  await openContacts(bob)
  await expect(bob.page.getByText('From the tram')).toBeVisible()
  await expectNoViolations(bob.page, 'a request')
  await bob.page.getByRole('button', { name: 'Accept Ann Frost' }).click()
  await expect(bob.page.getByTestId('requests')).toHaveCount(0)
  await bob.page.locator('[data-friend="fr-ann"]').getByRole('link').click()
  await bob.write('hello Ann')

  await expect(ann.page.locator('[data-friend="fr-bob"]')).toContainText('online')
  await ann.page.getByRole('tab', { name: /^Chats/ }).click()
  await ann.row('Bob Field').click()
  await expect(ann.message('hello Ann')).toBeVisible()
})

test('a request is rejected by one and withdrawn by the other', async ({ person, server }) => {
  await register(server, 'rq-in', 'Ines In')
  await register(server, 'rq-out', 'Olaf Out')
  const ann = await person('rq-ann', 'Ann')
  await (await signIn(server, 'rq-in')).call('POST', '/friend/request', { user_id: 'rq-ann' })
  const own = await signIn(server, 'rq-ann')
  await own.call('POST', '/friend/request', { user_id: 'rq-out' })
  await openContacts(ann)
  await ann.page.getByRole('button', { name: 'Reject Ines In' }).click()
  await expect(ann.page.locator('[data-request="rq-in"]')).toHaveCount(0)
  await ann.page.getByRole('button', { name: 'Withdraw the request to Olaf Out' }).click()
  await expect(ann.page.locator('[data-request]')).toHaveCount(0)
  const out = await own.call<{ list: { state: number }[] }>('GET', '/friend/requests?direction=out')
  expect(out.list.filter((request) => request.state === 1)).toEqual([])
})

test('a friend gets a name only the own user sees, and can be removed', async ({ person, server }) => {
  await register(server, 'rm-ann', 'Ann')
  await register(server, 'rm-bob', 'Bob')
  await befriend(server, 'rm-ann', 'rm-bob')
  await (await signIn(server, 'rm-bob')).say({ recv_id: 'rm-ann' }, 'hi')
  const ann = await person('rm-ann', 'Ann')
  await openContacts(ann)
  await ann.page.getByRole('button', { name: 'Profile of Bob' }).click()
  await expectNoViolations(ann.page, 'profile')
  await ann.page.getByRole('button', { name: 'Change name' }).click()
  await ann.page.getByRole('dialog').getByLabel('Name only you see').fill('Bob the builder')
  await ann.page.getByRole('button', { name: 'Save' }).click()
  await expect(ann.page.locator('[data-friend="rm-bob"]')).toContainText('Bob the builder')
  await ann.page.getByRole('tab', { name: /^Chats/ }).click()
  await expect(ann.row('Bob the builder')).toBeVisible()
  await openContacts(ann)
  await ann.page.getByRole('button', { name: 'Profile of Bob the builder' }).click()
  await ann.page.getByRole('button', { name: 'Remove friend' }).click()
  await ann.page.getByRole('dialog').getByRole('button', { name: 'Remove friend' }).click()
  await expect(ann.page.locator('[data-friend="rm-bob"]')).toHaveCount(0)
})

test('whoever is blocked is refused with a sentence, until unblocked', async ({ person, server }) => {
  await register(server, 'bl-ann', 'Ann')
  await register(server, 'bl-bob', 'Bob')
  await befriend(server, 'bl-ann', 'bl-bob')
  const ann = await person('bl-ann', 'Ann')
  const bob = await person('bl-bob', 'Bob')
  await openContacts(ann)
  await ann.page.getByRole('button', { name: 'Profile of Bob' }).click()
  await ann.page.getByRole('button', { name: 'Block' }).click()
  await ann.page.getByRole('dialog').getByRole('button', { name: 'Block' }).click()
  await expect(ann.page.getByText('Bob is blocked.')).toBeVisible()

  await bob.startChat('bl-ann')
  await bob.write('can you hear me')
  await expect(bob.message('can you hear me')).toHaveAttribute('data-status', 'failed')
  await expect(bob.page.getByText('This person does not accept this from you.')).toBeVisible()

  await ann.page.getByRole('button', { name: 'Undo' }).click()
  await expect(ann.page.getByText('Bob is no longer blocked.')).toBeVisible()
  await bob.page.getByRole('button', { name: 'Retry' }).click()
  await expect(bob.message('can you hear me')).not.toHaveAttribute('data-status', 'failed')
  await ann.page.getByRole('tab', { name: /^Chats/ }).click()
  await expect(ann.row('Bob')).toContainText('can you hear me')
})

test('messages from friends only: strangers are told to ask first', async ({ person, server }) => {
  await register(server, 'pv-bob', 'Bob')
  const ann = await person('pv-ann', 'Ann')
  await ann.page.getByRole('button', { name: 'Settings' }).click()
  await ann.page.getByRole('menuitem', { name: 'Profile, privacy, devices…' }).click()
  await ann.page.getByRole('button', { name: 'Privacy', exact: true }).click()
  await ann.page.getByLabel('Message me').selectOption('Friends')
  await expect(ann.page.getByText('Saved.')).toBeVisible()

  const bob = await person('pv-bob', 'Bob')
  await bob.startChat('pv-ann')
  await bob.write('hello stranger')
  await expect(bob.message('hello stranger')).toHaveAttribute('data-status', 'failed')
  await expect(bob.page.getByText('Send a friend request first.')).toBeVisible()
})
