import { register, signIn } from './api.ts'
import { expect, test } from './people.ts'

test('a group of three is founded, written in by all and read by all in one order', async ({ person }) => {
  const ann = await person('grp-ann', 'Ann Ash')
  const bob = await person('grp-bob', 'Bob Beech')
  const cid = await person('grp-cid', 'Cid Cedar')
  await ann.page.getByRole('button', { name: 'New group' }).click()
  const dialog = ann.page.getByRole('dialog')
  await dialog.getByRole('button', { name: 'Create group' }).click()
  await expect(dialog.getByText('Give the group a name.')).toBeVisible()
  await dialog.getByLabel('Group name').fill('The grove')
  for (const id of ['grp-bob', 'grp-ghost', 'grp-cid']) {
    await dialog.getByLabel('Members').fill(id)
    await dialog.getByLabel('Members').press('Enter')
  }
  await dialog.getByRole('button', { name: 'Create group' }).click()
  await expect(dialog.getByText('There is nobody with the user id grp-ghost.')).toBeVisible()
  await dialog.getByRole('button', { name: 'Remove grp-ghost' }).click()
  await dialog.getByRole('button', { name: 'Create group' }).click()
  await expect(ann.page.getByText('3 members')).toBeVisible()

  await ann.write('first')
  await expect(bob.row('The grove').getByTestId('unread')).toHaveText('1')
  await bob.row('The grove').click()
  await cid.row('The grove').click()
  await bob.write('second')
  await expect(cid.message('second')).toContainText('Bob Beech')
  await cid.write('third')
  for (const one of [ann, bob, cid]) {
    await expect(one.message('third')).toBeVisible()
    const seen = await one.page.locator('[data-message]').allInnerTexts()
    expect(seen.map((text) => /first|second|third/.exec(text)?.[0])).toEqual(['first', 'second', 'third'])
  }
})

test('the details show members by rank and joining, and the group can be joined by id and left', async ({
  person,
  server,
}) => {
  const ann = await person('grp-own', 'Olga Owner')
  await register(server, 'grp-m1', 'Mia One')
  const joiner = await person('grp-m2', 'Max Two')
  const owner = await signIn(server, 'grp-own')
  const { id } = await owner.call<{ id: string }>('POST', '/group/create', {
    name: 'Ranks',
    member_ids: ['grp-m1'],
  })

  await joiner.page.getByRole('button', { name: 'Settings' }).click()
  await joiner.page.getByRole('menuitem', { name: 'Join a group' }).click()
  joiner.expectNoise(/status of 404/)
  await joiner.page.getByLabel('Group id').fill('123456')
  await joiner.page.getByRole('button', { name: 'Join', exact: true }).click()
  await expect(joiner.page.getByText('There is no group with this id.')).toBeVisible()
  await joiner.page.getByLabel('Group id').fill(id)
  await joiner.page.getByRole('button', { name: 'Join', exact: true }).click()
  await expect(joiner.page.getByText('You are in “Ranks” now.')).toBeVisible()

  await ann.row('Ranks').click()
  await ann.page.getByRole('button', { name: 'Group details' }).click()
  const members = ann.page.getByRole('complementary', { name: 'Group details' }).locator('[data-member]')
  await expect(members).toHaveCount(3)
  await expect(members.nth(0)).toContainText('Olga Owner')
  await expect(members.nth(0)).toContainText('Owner')
  await expect(members.nth(1)).toContainText('Mia One')
  await expect(members.nth(2)).toContainText('Max Two')
  await expect(ann.page.getByRole('button', { name: `Copy id ${id}` })).toBeVisible()

  await joiner.page.getByRole('button', { name: 'Group details' }).click()
  await joiner.page.getByRole('button', { name: 'Leave group' }).click()
  await joiner.page.getByRole('button', { name: 'Cancel' }).click()
  await expect(members).toHaveCount(3)
  await joiner.page.getByRole('button', { name: 'Leave group' }).click()
  await joiner.page.getByRole('dialog').getByRole('button', { name: 'Leave', exact: true }).click()
  await expect(joiner.page.getByText('You left “Ranks”.')).toBeVisible()
  await expect(members).toHaveCount(2)
  await joiner.row('Ranks').click()
  await expect(joiner.page.getByText('You are not a member of this group any more.')).toBeVisible()
  await expect(joiner.page.getByRole('textbox', { name: /^Message to/ })).toHaveCount(0)
})
