import { type Caller, register, signIn } from './api.ts'
import { choose, openChat } from './deeds.ts'
import { expect, test } from './people.ts'

const groupOf = async (owner: Caller, name: string, members: readonly string[]): Promise<string> => {
  const { id } = await owner.call<{ id: string }>('POST', '/group/create', { name, member_ids: members })
  return id
}

test('a mention is completed with the keyboard, marked, and led to from afar', async ({ person, server }) => {
  await register(server, 'men-cid', 'Cid Quiet')
  const ann = await person('men-ann', 'Ann Mention')
  const bob = await person('men-bob', 'Bob Mentioned')
  const owner = await signIn(server, 'men-ann')
  const groupId = await groupOf(owner, 'Callers', ['men-bob', 'men-cid'])
  await openChat(ann, 'Callers')
  const input = ann.page.getByRole('textbox', { name: /^Message to/ })
  await input.pressSequentially('look @')
  const options = ann.page.getByRole('listbox', { name: 'Members to mention' }).getByRole('option')
  await expect(options).toHaveCount(3)
  await input.pressSequentially('bob')
  await expect(options).toHaveCount(1)
  await input.press('Tab')
  await expect(input).toHaveValue('look @Bob Mentioned ')
  await input.pressSequentially('here')
  await input.press('Enter')
  await expect(ann.message('here').locator('[data-mention="men-bob"]')).toHaveText('@Bob Mentioned')
  for (let n = 1; n <= 40; n++) await owner.say({ group_id: groupId }, `talk ${n}.`)
  await expect(bob.row('Callers').getByTestId('unread')).toHaveText('41')
  await openChat(bob, 'Callers')
  await expect(bob.message('here').locator('[data-me=true]')).toHaveText('@Bob Mentioned')
  await bob.page.getByTestId('messages').hover()
  await bob.page.mouse.wheel(0, 20_000)
  await expect(bob.message('talk 40.')).toBeInViewport()
  await bob.page.evaluate(() => {
    location.hash = '#/'
  })
  for (let n = 1; n <= 25; n++) await owner.say({ group_id: groupId }, `more ${n}.`)
  await input.pressSequentially('@al')
  await input.press('Enter')
  await input.pressSequentially('listen')
  await input.press('Enter')
  await expect(ann.message('listen').locator('[data-mention="*"]')).toHaveText('@all')
  await expect(bob.row('Callers').getByTestId('unread')).toHaveText('26')
  await openChat(bob, 'Callers')
  const button = bob.page.getByRole('button', { name: 'Jump to a message that mentions you' })
  await button.click()
  await expect(bob.message('listen')).toBeInViewport()
  await expect(button).toHaveCount(0)
})

test('joining, leaving and renaming stand as sentences between the messages', async ({ person, server }) => {
  await register(server, 'not-cid', 'Cid Notice')
  const ann = await person('not-ann', 'Ann Notice')
  const bob = await person('not-bob', 'Bob Notice')
  const owner = await signIn(server, 'not-ann')
  const cid = await signIn(server, 'not-cid')
  const groupId = await groupOf(owner, 'Doors', ['not-bob'])
  await openChat(ann, 'Doors')
  await expect(ann.page.getByText('You created the group with Bob Notice')).toBeVisible()
  await openChat(bob, 'Doors')
  await expect(bob.page.getByText('Ann Notice created the group with you')).toBeVisible()
  await owner.say({ group_id: groupId }, 'welcome')
  await cid.call('POST', '/group/join', { group_id: groupId })
  await expect(bob.page.getByText('Cid Notice joined')).toBeVisible()
  await cid.say({ group_id: groupId }, 'only passing')
  await cid.call('POST', '/group/quit', { group_id: groupId })
  await expect(bob.page.getByText('Cid Notice left')).toBeVisible()
  await owner.call('PUT', '/group/update', { group_id: groupId, name: 'Open doors' })
  await expect(bob.page.getByText('Ann Notice renamed the group “Open doors”')).toBeVisible()
  const lines = (): Promise<string[]> =>
    bob.page
      .locator('[data-message] .words, [data-notice]')
      .evaluateAll((all) => all.map((line) => line.textContent ?? ''))
  const order = [
    'Ann Notice created the group with you',
    'welcome',
    'Cid Notice joined',
    'only passing',
    'Cid Notice left',
    'Ann Notice renamed the group “Open doors”',
  ]
  expect(await lines()).toEqual(order)
  await bob.page.reload()
  await expect(bob.message('only passing')).toBeVisible()
  await expect.poll(lines).toEqual(order)
})

test('ticks tell that a message is sent, delivered and read', async ({ person, server }) => {
  await register(server, 'tic-bob', 'Bob Tick')
  const ann = await person('tic-ann', 'Ann Tick')
  await ann.startChat('tic-bob')
  await ann.write('are you there')
  await expect(ann.message('are you there')).toHaveAttribute('data-status', 'sent')
  const bob = await person('tic-bob', 'Bob Tick')
  await ann.write('and now')
  await expect(ann.message('and now')).toHaveAttribute('data-status', 'delivered')
  await openChat(bob, 'Ann Tick')
  await expect(ann.message('and now')).toHaveAttribute('data-status', 'read')
  await expect(ann.message('are you there')).toHaveAttribute('data-status', 'read')
})

test('in a group an own message counts its readers and names them', async ({ person, server }) => {
  await register(server, 'red-cid', 'Cid Unread')
  const ann = await person('red-ann', 'Ann Reads')
  const bob = await person('red-bob', 'Bob Reads')
  const owner = await signIn(server, 'red-ann')
  await groupOf(owner, 'Readers', ['red-bob', 'red-cid'])
  await openChat(ann, 'Readers')
  await ann.write('who reads this')
  await expect(ann.message('who reads this')).toHaveAttribute('data-status', 'sent')
  await expect(ann.message('who reads this').getByTestId('read-count')).toHaveCount(0)
  await openChat(bob, 'Readers')
  await expect(bob.message('who reads this')).toBeVisible()
  await expect(ann.message('who reads this').getByTestId('read-count')).toHaveText('1')
  await ann.message('who reads this').getByTestId('read-count').click()
  const dialog = ann.page.getByRole('dialog', { name: 'Read by' })
  await expect(dialog.getByRole('listitem')).toHaveText(/Bob Reads/)
  await dialog.getByRole('tab', { name: /Not yet/ }).click()
  await expect(dialog.getByRole('listitem')).toHaveText(/Cid Unread/)
})

test('typing shows on the other side until the message is there', async ({ person }) => {
  const ann = await person('typ-ann', 'Ann Types')
  const bob = await person('typ-bob', 'Bob Types')
  await ann.startChat('typ-bob')
  await ann.write('hello')
  await openChat(bob, 'Ann Types')
  await expect(ann.message('hello')).toHaveAttribute('data-status', 'read')
  const input = ann.page.getByRole('textbox', { name: /^Message to/ })
  await input.pressSequentially('wai')
  await expect(bob.page.getByTestId('typing').first()).toContainText('typing…')
  await input.press('Enter')
  await expect(bob.message('wai')).toBeVisible()
  await expect(bob.page.getByTestId('presence')).toBeVisible()
})

test('a pinned message stands above the chat for both, leads to it and can be unpinned', async ({
  person,
  server,
}) => {
  await register(server, 'pin-bob', 'Bob Pin')
  const caller = await signIn(server, 'pin-bob')
  const ann = await person('pin-ann', 'Ann Pin')
  await caller.say({ recv_id: 'pin-ann' }, 'the address')
  for (let n = 1; n <= 60; n++) await caller.say({ recv_id: 'pin-ann' }, `chat ${n}.`)
  const bob = await person('pin-bob', 'Bob Pin')
  await openChat(ann, 'Bob Pin')
  await caller.call('POST', '/msg/pin', { conversation_id: 'si_pin-ann:pin-bob', seq: 1 })
  await expect(ann.page.getByTestId('pinned')).toContainText('the address')
  await expect(ann.page.getByText('Bob Pin pinned a message')).toBeAttached()
  await ann.page.getByTestId('messages').hover()
  await ann.page.mouse.wheel(0, 20_000)
  await expect(ann.message('chat 60.')).toBeInViewport()
  await choose(ann, 'chat 60.', 'Pin')
  await openChat(bob, 'Ann Pin')
  const bar = bob.page.getByTestId('pinned')
  await expect(bar).toContainText('Pinned message 2 of 2')
  await expect(bar).toContainText('chat 60.')
  await bar.getByRole('button').first().click()
  await expect(bar).toContainText('the address')
  await bar.getByRole('button').first().click()
  await expect(bob.page.locator('[data-seq="1"]')).toBeInViewport()
  await bar.getByRole('button', { name: 'Show all pinned messages' }).click()
  const dialog = bob.page.getByRole('dialog', { name: 'Pinned messages' })
  await expect(dialog.getByRole('listitem')).toHaveCount(2)
  await dialog
    .getByRole('listitem')
    .filter({ hasText: 'chat 60.' })
    .getByRole('button', { name: 'Unpin' })
    .click()
  await expect(dialog.getByRole('listitem')).toHaveCount(1)
  await expect(ann.page.getByTestId('pinned')).toContainText('the address')
})

test('messages of a disappearing conversation are marked and vanish while one looks', async ({
  person,
  server,
}) => {
  await register(server, 'exp-bob', 'Bob Gone')
  const caller = await signIn(server, 'exp-bob')
  const ann = await person('exp-ann', 'Ann Gone')
  await caller.say({ recv_id: 'exp-ann' }, 'this stays')
  await openChat(ann, 'Bob Gone')
  await ann.page.getByRole('button', { name: 'More', exact: true }).click()
  await ann.page.getByRole('menuitemradio', { name: '5 minutes' }).click()
  await expect(ann.page.getByText('You let messages disappear after 5 minutes')).toBeVisible()
  await expect(ann.page.getByTestId('expiry')).toBeVisible()
  await ann.page.keyboard.press('Escape')
  await caller.call('PUT', '/conversation/set_expiry', { conversation_id: 'si_exp-ann:exp-bob', seconds: 2 })
  await expect(ann.page.getByText('Bob Gone let messages disappear after 2 seconds')).toBeVisible()
  await caller.say({ recv_id: 'exp-ann' }, 'read me now')
  await expect(ann.message('read me now').getByRole('img', { name: /^Disappears/ })).toBeVisible()
  await expect(ann.page.getByText('A message has disappeared')).toBeVisible()
  await expect(ann.message('read me now')).toHaveCount(0)
  await expect(ann.message('this stays')).toBeVisible()
})

test('a message is scheduled, shown as waiting, sent at its time, and another one taken back', async ({
  person,
  server,
}) => {
  await register(server, 'sch-bob', 'Bob Later')
  const ann = await person('sch-ann', 'Ann Later')
  await ann.startChat('sch-bob')
  const input = ann.page.getByRole('textbox', { name: /^Message to/ })
  await input.fill('good morning')
  await ann.page.getByRole('button', { name: 'Send later' }).click()
  const dialog = ann.page.getByRole('dialog', { name: 'Send later' })
  await dialog.getByLabel('When').fill('2020-01-01T00:00')
  await dialog.getByRole('button', { name: 'Schedule' }).click()
  await expect(dialog.getByText('Choose a time that is still to come.')).toBeVisible()
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 16)
  await dialog.getByLabel('When').fill(tomorrow)
  await dialog.getByRole('button', { name: 'Schedule' }).click()
  await expect(dialog).toHaveCount(0)
  await expect(input).toHaveValue('')
  await ann.page.getByRole('button', { name: '1 message waits to be sent here' }).click()
  await dialog.getByRole('button', { name: 'Cancel the message “good morning”' }).click()
  await expect(dialog.getByText('Nothing is waiting to be sent.')).toBeVisible()
  await ann.page.keyboard.press('Escape')
  const caller = await signIn(server, 'sch-ann')
  await caller.call('POST', '/msg/schedule', {
    at: Date.now() + 1500,
    client_msg_id: 'sch-1',
    recv_id: 'sch-bob',
    msg_type: 1,
    content: { text: 'sent by the server' },
  })
  await expect(ann.message('sent by the server')).toBeVisible()
})

test('where one cannot write, the composer says why and until when', async ({ person, server }) => {
  await register(server, 'bar-own', 'Olga Bar')
  const owner = await signIn(server, 'bar-own')
  const ann = await person('bar-ann', 'Ann Bar')
  const groupId = await groupOf(owner, 'Strict room', ['bar-ann'])
  await openChat(ann, 'Strict room')
  const input = ann.page.getByRole('textbox', { name: /^Message to/ })
  const barred = ann.page.getByTestId('barred')
  await expect(input).toBeVisible()
  await owner.call('POST', '/group/mute', { group_id: groupId, user_id: 'bar-ann', seconds: 600 })
  await expect(barred).toContainText(/You are muted in this group until \d\d:\d\d/)
  await owner.call('POST', '/group/mute', { group_id: groupId, user_id: 'bar-ann', seconds: 0 })
  await expect(input).toBeVisible()
  await owner.call('POST', '/group/mute_all', { group_id: groupId, seconds: 3 })
  await expect(barred).toContainText('Only admins may write in this group until')
  await expect(input).toBeVisible()
  await owner.call('POST', '/group/dissolve', { group_id: groupId })
  await expect(barred).toContainText('This group has been dissolved')
})

test('a draft follows to another device of the same person', async ({ person, server }) => {
  await register(server, 'dra-bob', 'Bob Draft')
  const ann = await person('dra-ann', 'Ann Draft')
  await ann.startChat('dra-bob')
  await ann.write('hi')
  await expect(ann.message('hi')).toHaveAttribute('data-status', 'sent')
  await ann.page.getByRole('textbox', { name: /^Message to/ }).fill('begun here')
  const phone = await signIn(server, 'dra-ann')
  const draft = async (): Promise<string | undefined> => {
    const path = '/conversation/info?conversation_id=si_dra-ann:dra-bob'
    return (await phone.call<{ draft?: string }>('GET', path)).draft
  }
  await expect.poll(draft).toBe('begun here')
  await ann.page.waitForTimeout(2600)
  await phone.call('PUT', '/conversation/draft', {
    conversation_id: 'si_dra-ann:dra-bob',
    text: 'ended there',
  })
  await expect(ann.page.getByRole('textbox', { name: /^Message to/ })).toHaveValue('ended there')
})
