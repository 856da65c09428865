import { register, signIn } from './api.ts'
import { expect, type Person, test } from './people.ts'

async function act({ page, row }: Person, title: string, action: string): Promise<void> {
  await row(title).click({ button: 'right' })
  await page.getByRole('menu').getByText(action, { exact: true }).click()
}

const titles = ({ page }: Person): Promise<string[]> => page.getByTestId('title').allTextContents()

test('a conversation is pinned to the top, and let go again by undoing', async ({ person, server }) => {
  const ann = await person('li-pin', 'Ann')
  for (const name of ['Pia', 'Quin']) {
    await register(server, `li-${name}`, name)
    await (await signIn(server, `li-${name}`)).say({ recv_id: 'li-pin' }, 'hi')
  }
  await expect.poll(() => titles(ann)).toEqual(['Quin', 'Pia'])
  await act(ann, 'Pia', 'Pin to top')
  await expect.poll(() => titles(ann)).toEqual(['Pia', 'Quin'])
  await expect(ann.row('Pia').getByRole('img', { name: 'Pinned' })).toBeVisible()
  await ann.page.getByRole('button', { name: 'Undo' }).click()
  await expect.poll(() => titles(ann)).toEqual(['Quin', 'Pia'])
})

test('a silent conversation shows a bell crossed out and counts in grey', async ({ person, server }) => {
  await register(server, 'li-mb', 'Bob')
  const bob = await signIn(server, 'li-mb')
  const ann = await person('li-mute', 'Ann')
  await bob.say({ recv_id: 'li-mute' }, 'one')
  await expect(ann.row('Bob').getByTestId('unread')).toHaveAttribute('data-quiet', 'false')
  await act(ann, 'Bob', 'Silent')
  await expect(ann.row('Bob').getByRole('img', { name: 'Muted' })).toBeVisible()
  await bob.say({ recv_id: 'li-mute' }, 'two')
  await expect(ann.row('Bob').getByTestId('unread')).toHaveText('2')
  await expect(ann.row('Bob').getByTestId('unread')).toHaveAttribute('data-quiet', 'true')
})

test('marked as unread, a conversation keeps a dot until it is opened', async ({ person, server }) => {
  await register(server, 'li-ub', 'Bob')
  const bob = await signIn(server, 'li-ub')
  const ann = await person('li-unread', 'Ann')
  await bob.say({ recv_id: 'li-unread' }, 'hello')
  await act(ann, 'Bob', 'Mark as read')
  await expect(ann.row('Bob').getByTestId('unread')).toHaveCount(0)
  await act(ann, 'Bob', 'Mark as unread')
  await expect(ann.row('Bob').getByTestId('marked-unread')).toBeVisible()
  await ann.row('Bob').click()
  await expect(ann.row('Bob').getByTestId('marked-unread')).toHaveCount(0)
})

test('a hidden conversation comes back with the next message', async ({ person, server }) => {
  await register(server, 'li-hb', 'Bob')
  const bob = await signIn(server, 'li-hb')
  const ann = await person('li-hide', 'Ann')
  await bob.say({ recv_id: 'li-hide' }, 'hello')
  await act(ann, 'Bob', 'Hide until the next message')
  await expect(ann.row('Bob')).toHaveCount(0)
  await bob.say({ recv_id: 'li-hide' }, 'again')
  await expect(ann.row('Bob')).toContainText('again')
})

test('a deleted chat is gone for the own user alone, after a question', async ({ person, server }) => {
  await register(server, 'li-db', 'Bob')
  const bob = await signIn(server, 'li-db')
  const ann = await person('li-del', 'Ann')
  await bob.say({ recv_id: 'li-del' }, 'hello')
  await act(ann, 'Bob', 'Delete chat')
  await ann.page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
  await expect(ann.row('Bob')).toBeVisible()
  await act(ann, 'Bob', 'Delete chat')
  await ann.page.getByRole('dialog').getByRole('button', { name: 'Delete chat' }).click()
  await expect(ann.row('Bob')).toHaveCount(0)
  const history = await bob.call<{ messages: unknown[] }>(
    'GET',
    `/msg/pull?conversation_id=${encodeURIComponent('si_li-db:li-del')}`,
  )
  expect(history.messages).toHaveLength(1)
})

test('the menu of a row opens by keyboard and by a finger that stays', async ({ person, server }) => {
  await register(server, 'li-kb', 'Bob')
  await register(server, 'li-key', 'Ann')
  await (await signIn(server, 'li-kb')).say({ recv_id: 'li-key' }, 'hello')
  const ann = await person('li-key', 'Ann', { hasTouch: true })
  await ann.page.getByRole('button', { name: 'Actions for Bob' }).focus()
  await ann.page.keyboard.press('Enter')
  await expect(ann.page.getByRole('menu')).toBeVisible()
  await ann.page.keyboard.press('Escape')
  await expect(ann.page.getByRole('menu')).toHaveCount(0)
  const touch = { pointerType: 'touch', pointerId: 1, clientX: 90, clientY: 160, bubbles: true }
  await ann.row('Bob').dispatchEvent('pointerdown', touch)
  await expect(ann.page.getByRole('menu')).toBeVisible()
  await ann.row('Bob').dispatchEvent('pointerup', touch)
  await expect(ann.page.getByRole('log')).toHaveCount(0)
})

test('a mention marks its row until it is read', async ({ person, server }) => {
  await register(server, 'li-tb', 'Bob')
  const bob = await signIn(server, 'li-tb')
  const ann = await person('li-at', 'Ann')
  const group = await bob.call<{ id: string }>('POST', '/group/create', {
    name: 'Attics',
    member_ids: ['li-at'],
  })
  await bob.call('POST', '/msg/send', {
    client_msg_id: 'li-at-1',
    group_id: group.id,
    msg_type: 1,
    content: { text: '@Ann look' },
    mentions: ['li-at'],
  })
  await expect(ann.row('Attics').getByTestId('mention')).toBeVisible()
  await ann.row('Attics').click()
  await expect(ann.row('Attics').getByTestId('mention')).toHaveCount(0)
})

test('whoever is typing shows in the row', async ({ person }) => {
  const ann = await person('li-ta', 'Ann')
  const bob = await person('li-tc', 'Bob')
  await bob.startChat('li-ta')
  await bob.write('hello')
  await expect(ann.row('Bob')).toContainText('hello')
  await bob.page.getByRole('textbox', { name: /^Message to/ }).pressSequentially('and so')
  await expect(ann.row('Bob')).toContainText('typing…')
  await bob.page.getByRole('textbox', { name: /^Message to/ }).press('Enter')
  await expect(ann.row('Bob')).toContainText('and so')
})
