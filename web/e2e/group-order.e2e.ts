import { expectNoViolations } from './accessibility.ts'
import { type Caller, register, signIn } from './api.ts'
import { expect, type Person, test } from './people.ts'
import type { TestServer } from './server.ts'

interface Founded {
  readonly owner: Caller
  readonly id: string
}

async function found(server: TestServer, ownerId: string, name: string, others: string[]): Promise<Founded> {
  for (const id of others) await register(server, id, `Nick ${id}`).catch(() => undefined)
  const owner = await signIn(server, ownerId)
  const group = await owner.call<{ id: string }>('POST', '/group/create', { name, member_ids: others })
  return { owner, id: group.id }
}

async function openDetails({ page, row }: Person, name: string): Promise<void> {
  await row(name).click()
  await page.getByRole('button', { name: 'Group details' }).click()
  await expect(page.getByRole('complementary', { name: 'Group details' })).toBeVisible()
}

async function actOn({ page }: Person, member: string, action: string): Promise<void> {
  await page.getByRole('button', { name: `Actions for Nick ${member}` }).click()
  await page.getByRole('menuitem', { name: action }).click()
}

test('an admin changes name, introduction and announcement for everybody', async ({ person, server }) => {
  const ann = await person('ed-ann', 'Ann')
  const bob = await person('ed-bob', 'Nick ed-bob')
  await found(server, 'ed-ann', 'Before', ['ed-bob'])
  await openDetails(ann, 'Before')
  await openDetails(bob, 'Before')
  await expect(bob.page.getByRole('button', { name: 'Edit group' })).toHaveCount(0)
  await ann.page.getByRole('button', { name: 'Edit group' }).click()
  await ann.page.getByLabel('Group name').fill('After')
  await ann.page.getByLabel('Introduction').fill('A new beginning')
  await expectNoViolations(ann.page, 'edit group')
  await ann.page.getByRole('button', { name: 'Save' }).click()
  await expect(bob.row('After')).toBeVisible()
  await expect(bob.page.getByText('A new beginning')).toBeVisible()

  await ann.page.getByRole('button', { name: 'Change announcement' }).click()
  await ann.page.getByLabel('Text').fill('Meeting on Friday')
  await ann.page.getByRole('button', { name: 'Save' }).click()
  const details = bob.page.getByRole('complementary', { name: 'Group details' })
  await expect(details.getByText('Meeting on Friday')).toBeVisible()
  await ann.page.getByRole('button', { name: 'Change announcement' }).click()
  await ann.page.getByRole('button', { name: 'Take down' }).click()
  await expect(details.getByText('Meeting on Friday')).toHaveCount(0)
  await details.getByRole('button', { name: 'Earlier announcements' }).click()
  await expect(bob.page.getByRole('dialog')).toContainText('Meeting on Friday')
})

test('a member is muted and removed; roles decide who may', async ({ person, server }) => {
  const ann = await person('or-ann', 'Ann')
  const { id } = await found(server, 'or-ann', 'Order', ['or-bob', 'or-cid'])
  const bob = await signIn(server, 'or-bob')
  await openDetails(ann, 'Order')
  await actOn(ann, 'or-bob', 'Mute for 10 minutes')
  await expect(ann.page.locator('[data-member="or-bob"]')).toContainText('muted until')
  await expect(bob.say({ group_id: id }, 'mmh')).rejects.toThrow(/1004/)
  await actOn(ann, 'or-bob', 'Lift mute')
  await expect(ann.page.locator('[data-member="or-bob"]')).not.toContainText('muted until')
  await bob.say({ group_id: id }, 'free again')

  await actOn(ann, 'or-cid', 'Make admin')
  await expect(ann.page.locator('[data-member="or-cid"]')).toContainText('Admin')
  await actOn(ann, 'or-bob', 'Remove from group')
  await ann.page.getByRole('dialog').getByRole('button', { name: 'Remove from group' }).click()
  await expect(ann.page.locator('[data-member="or-bob"]')).toHaveCount(0)
  await expect(bob.say({ group_id: id }, 'hello?')).rejects.toThrow(/300[34]/)

  const cid = await person('or-cid', 'Nick or-cid')
  await openDetails(cid, 'Order')
  await cid.page.getByRole('button', { name: 'Actions for Ann' }).last().click()
  await expect(cid.page.getByRole('menuitem', { name: 'Message' })).toBeVisible()
  await expect(cid.page.getByRole('menuitem', { name: 'Remove from group' })).toHaveCount(0)
})

test('only admins may write once the rule says so', async ({ person, server }) => {
  const ann = await person('ru-ann', 'Ann')
  const { id } = await found(server, 'ru-ann', 'Rules', ['ru-bob'])
  const bob = await signIn(server, 'ru-bob')
  await openDetails(ann, 'Rules')
  await ann.page.getByRole('button', { name: 'Ways in and rules' }).click()
  await expectNoViolations(ann.page, 'rules')
  await ann.page.getByRole('switch', { name: 'Only admins may write' }).click()
  await expect(ann.page.getByText('Only admins may write now.')).toBeVisible()
  await expect(bob.say({ group_id: id }, 'me too')).rejects.toThrow(/1004/)
  await ann.page.getByLabel('Who may join').selectOption('By invitation')
  await expect(ann.page.getByText('Only invited people and those with an invite link.')).toBeVisible()
  await expect
    .poll(async () => bob.call<{ join_mode: number }>('GET', `/group/info?group_id=${id}`))
    .toMatchObject({ join_mode: 2 })
})

test('the owner hands the group over while leaving', async ({ person, server }) => {
  const ann = await person('ow-ann', 'Ann')
  const bob = await person('ow-bob', 'Nick ow-bob')
  await found(server, 'ow-ann', 'Heirs', ['ow-bob'])
  await openDetails(bob, 'Heirs')
  await openDetails(ann, 'Heirs')
  await ann.page.getByRole('button', { name: 'Leave group' }).click()
  const leave = ann.page.getByRole('button', { name: 'Hand over and leave' })
  await expect(leave).toBeDisabled()
  await expectNoViolations(ann.page, 'leaving as the owner')
  await ann.page.getByLabel('New owner').selectOption('Nick ow-bob')
  await leave.click()
  await expect(ann.page.getByText('You left “Heirs”.')).toBeVisible()
  await expect(bob.page.locator('[data-member="ow-bob"]')).toContainText('Owner')
  await expect(bob.page.locator('[data-member]')).toHaveCount(1)
})

test('a group is handed over and then dissolved by its new owner', async ({ person, server }) => {
  const ann = await person('di-ann', 'Ann')
  const bob = await person('di-bob', 'Nick di-bob')
  await found(server, 'di-ann', 'Ending', ['di-bob'])
  await openDetails(ann, 'Ending')
  await openDetails(bob, 'Ending')
  await actOn(ann, 'di-bob', 'Hand over the group')
  await ann.page.getByRole('dialog').getByRole('button', { name: 'Hand over' }).click()
  await expect(bob.page.locator('[data-member="di-bob"]')).toContainText('Owner')
  await expect(ann.page.getByRole('button', { name: 'Dissolve group' })).toHaveCount(0)
  await bob.page.getByRole('button', { name: 'Dissolve group' }).click()
  await bob.page.getByRole('dialog').getByRole('button', { name: 'Dissolve', exact: true }).click()
  await expect(bob.page.getByText('“Ending” is dissolved.')).toBeVisible()
  await expect(ann.page.getByText('This group is dissolved.')).toBeVisible()
})

test('members are searched and one is called differently in the group', async ({ person, server }) => {
  const ids = Array.from({ length: 9 }, (_, i) => `se-${i}`)
  const ann = await person('se-ann', 'Ann')
  await found(server, 'se-ann', 'Searched', ids)
  await openDetails(ann, 'Searched')
  await ann.page.getByRole('button', { name: 'My name in this group' }).click()
  await ann.page.getByRole('dialog').getByLabel('Nickname').fill('Captain')
  await ann.page.getByRole('button', { name: 'Save' }).click()
  await expect(ann.page.locator('[data-member="se-ann"]')).toContainText('Captain')
  await ann.page.getByRole('searchbox', { name: 'Search members' }).fill('Nick se-7')
  await expect(ann.page.locator('[data-member]')).toHaveCount(1)
  await expect(ann.page.locator('[data-member="se-7"]')).toBeVisible()
  await ann.page.getByRole('searchbox', { name: 'Search members' }).fill('zzz')
  await expect(ann.page.getByText('No member matches “zzz”.')).toBeVisible()
})
