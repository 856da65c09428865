import { expectNoViolations } from './accessibility.ts'
import { register, signIn } from './api.ts'
import { expect, type Person, test } from './people.ts'
import type { TestServer } from './server.ts'

interface Founded {
  readonly id: string
  readonly name: string
}

async function found(server: TestServer, owner: string, name: string, rest: object = {}): Promise<Founded> {
  const caller = await signIn(server, owner)
  return { ...(await caller.call<{ id: string }>('POST', '/group/create', { name, ...rest })), name }
}

async function openDetails({ page, row }: Person, name: string): Promise<void> {
  await row(name).click()
  await page.getByRole('button', { name: 'Group details' }).click()
  await expect(page.getByRole('complementary', { name: 'Group details' })).toBeVisible()
}

async function joinById({ page }: Person, id: string): Promise<void> {
  await page.getByRole('button', { name: 'Settings' }).click()
  await page.getByRole('menuitem', { name: 'Join a group' }).click()
  await page.getByLabel('Group id').fill(id)
  await page.getByRole('button', { name: 'Join', exact: true }).click()
}

test('where an admin decides, one applies with a word and is let in', async ({ person, server }) => {
  const ann = await person('do-ann', 'Ann Owner')
  const bob = await person('do-bob', 'Bob Guest')
  const group = await found(server, 'do-ann', 'Approvals', { join_mode: 1 })
  await openDetails(ann, 'Approvals')
  bob.expectNoise(/status of 403/)
  await joinById(bob, group.id)
  await bob.page.getByLabel('A word to the admins').fill('I water the plants')
  await bob.page.getByRole('button', { name: 'Apply' }).click()
  await expect(bob.page.getByText('Your application waits for an admin.')).toBeVisible()
  await bob.page.getByRole('button', { name: 'Done' }).click()

  await expect(ann.page.getByTestId('badge')).toHaveText('1')
  await ann.page.getByRole('button', { name: 'Applications 1 application waits' }).click()
  await expect(ann.page.getByText('I water the plants')).toBeVisible()
  await expectNoViolations(ann.page, 'applications')
  await ann.page.getByRole('button', { name: 'Let Bob Guest in' }).click()
  await expect(ann.page.getByText('Nobody waits to be let in.')).toBeVisible()
  await ann.page.keyboard.press('Escape')
  await expect(ann.page.locator('[data-member="do-bob"]')).toBeVisible()
  await expect(bob.row('Approvals')).toBeVisible()
})

test('an application is turned down, and one that waits can be withdrawn', async ({ person, server }) => {
  await register(server, 'tu-cid', 'Cid')
  const ann = await person('tu-ann', 'Ann')
  const bob = await person('tu-bob', 'Bob')
  const group = await found(server, 'tu-ann', 'Turned', { join_mode: 1 })
  await (await signIn(server, 'tu-cid')).call('POST', '/group/apply', { group_id: group.id })
  await joinById(bob, group.id)
  await bob.page.getByRole('button', { name: 'Apply' }).click()
  await bob.page.getByRole('button', { name: 'Withdraw application' }).click()
  await expect(bob.page.getByText('Your application is withdrawn.')).toBeVisible()
  await openDetails(ann, 'Turned')
  await ann.page.getByRole('button', { name: /^Applications/ }).click()
  await ann.page.getByRole('button', { name: 'Turn Cid down' }).click()
  await expect(ann.page.getByText('Nobody waits to be let in.')).toBeVisible()
})

test('an invite link shows the group, lets in, and is worthless once revoked', async ({ person, server }) => {
  const ann = await person('lk-ann', 'Ann')
  const bob = await person('lk-bob', 'Bob')
  await found(server, 'lk-ann', 'Linked', { join_mode: 2, introduction: 'By link alone' })
  await openDetails(ann, 'Linked')
  await ann.page.getByRole('button', { name: 'Invite links' }).click()
  await ann.page.getByLabel('Runs out after').selectOption('1 hour')
  await ann.page.getByLabel('May be used').selectOption('10 times')
  await ann.page.getByRole('button', { name: 'Create link' }).click()
  await expect(ann.page.getByText(/^used 0 of 10 · until/)).toBeVisible()
  await expectNoViolations(ann.page, 'invite links')
  const address = await ann.page.getByTestId('link').textContent()

  await bob.page.goto(address ?? '')
  const dialog = bob.page.getByRole('dialog')
  await expect(dialog).toContainText('Linked')
  await expect(dialog).toContainText('By link alone')
  await expectNoViolations(bob.page, 'invitation')
  await dialog.getByRole('button', { name: 'Join group' }).click()
  await expect(bob.page.getByText('You are in “Linked” now.')).toBeVisible()
  await expect(bob.page.getByRole('textbox', { name: 'Message to Linked' })).toBeVisible()

  await ann.page.getByRole('button', { name: 'Revoke link' }).click()
  await expect(ann.page.getByText('There is no invite link.')).toBeVisible()
  bob.expectNoise(/status of 404/)
  await bob.page.goto(address ?? '')
  await expect(bob.page.getByText('This invite link has run out or was revoked.')).toBeVisible()
})

test('whoever follows an invite link without a session lands in it after signing in', async ({
  visitor,
  server,
}) => {
  await register(server, 'lo-ann', 'Ann')
  await register(server, 'lo-bob', 'Bob')
  const group = await found(server, 'lo-ann', 'Late', { join_mode: 2 })
  const ann = await signIn(server, 'lo-ann')
  const { token } = await ann.call<{ token: string }>('POST', '/group/create_link', { group_id: group.id })
  const bob = await visitor()
  await bob.page.goto(`/#/join/${token}`)
  await bob.page.getByLabel('User id').fill('lo-bob')
  await bob.page.getByLabel('Password', { exact: true }).fill('correct horse battery')
  await bob.page.locator('form button[type=submit]').click()
  await expect(bob.page.getByRole('dialog')).toContainText('Late')
})

test('friends are invited by ticking them, and who was refused is named', async ({ person, server }) => {
  await register(server, 'iv-bob', 'Bob')
  await register(server, 'iv-shy', 'Shy')
  const ann = await person('iv-ann', 'Ann')
  const [own, bob, shy] = await Promise.all(['iv-ann', 'iv-bob', 'iv-shy'].map((id) => signIn(server, id)))
  await own?.call('POST', '/friend/request', { user_id: 'iv-bob' })
  await bob?.call('POST', '/friend/accept', { user_id: 'iv-ann' })
  await shy?.call('PUT', '/user/privacy', { add_to_groups: 2 })
  await found(server, 'iv-ann', 'Invited')
  await openDetails(ann, 'Invited')
  await ann.page.getByRole('button', { name: 'Invite people' }).click()
  const dialog = ann.page.getByRole('dialog')
  await dialog.getByText('Bob').click()
  await dialog.getByLabel('User ids').fill('iv-shy')
  await dialog.getByLabel('User ids').press('Enter')
  await expectNoViolations(ann.page, 'invite')
  await dialog.getByRole('button', { name: 'Invite', exact: true }).click()
  await expect(ann.page.getByText('1 person is in the group now.')).toBeVisible()
  await expect(dialog.getByText(/iv-shy: Their privacy settings do not allow this/)).toBeVisible()
  await expect(ann.page.locator('[data-member="iv-bob"]')).toHaveCount(1)
})
