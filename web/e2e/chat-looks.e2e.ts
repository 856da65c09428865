import { expectNoViolations } from './accessibility.ts'
import { type Caller, register, signIn } from './api.ts'
import { choose, openChat } from './deeds.ts'
import { expect, type Person, test } from './people.ts'
import type { TestServer } from './server.ts'

/** A chat and a group in which everything has happened that can happen to a message. */
async function eventful(server: TestServer, ownId: string): Promise<void> {
  const otherId = `z-${ownId}`
  await register(server, ownId, 'Lou Chat')
  await register(server, otherId, 'Zoe Busy')
  const own = await signIn(server, ownId)
  const zoe = await signIn(server, otherId)
  const conversation_id = `si_${ownId}:${otherId}`
  await zoe.say({ recv_id: ownId }, 'the first words')
  await own.say({ recv_id: otherId }, 'helo')
  await zoe.say({ recv_id: ownId }, 'a slip')
  await own.call('POST', '/msg/edit', { conversation_id, seq: 2, content: { text: 'hello' } })
  await zoe.call('POST', '/msg/recall', { conversation_id, seq: 3 })
  await zoe.call('POST', '/msg/react', { conversation_id, seq: 2, emoji: '👍' })
  await own.call('POST', '/msg/react', { conversation_id, seq: 1, emoji: '🎉' })
  await zoe.call('POST', '/msg/pin', { conversation_id, seq: 1 })
  await zoe.call('PUT', '/conversation/set_expiry', { conversation_id, seconds: 3600 })
  await group(own, zoe, conversation_id)
}

async function group(own: Caller, zoe: Caller, source: string): Promise<void> {
  const { id } = await zoe.call<{ id: string }>('POST', '/group/create', {
    name: 'Busy room',
    member_ids: [own.id],
  })
  const to = { group_id: id }
  await own.say(to, 'mine')
  const mention = { client_msg_id: `m-${own.id}`, msg_type: 1, content: { text: '@Lou Chat look' } }
  await zoe.call('POST', '/msg/send', { ...to, ...mention, mentions: [own.id] })
  const bundle = { merged: true, title: 'Chat history', client_msg_id: `f-${own.id}` }
  await zoe.call('POST', '/msg/forward', { ...to, ...bundle, conversation_id: source, seqs: [1, 2] })
}

/** Everything that opens over a chat, looked at and closed again. */
async function openings(person: Person, look: (name: string) => Promise<void>): Promise<void> {
  const { page } = person
  const close = async (): Promise<void> => {
    await page.keyboard.press('Escape')
    await expect(page.locator('[role=dialog], [role=menu]')).toHaveCount(0)
  }
  await person
    .message('hello')
    .locator('.bubble')
    .click({ button: 'right', position: { x: 9, y: 9 } })
  await look('message menu')
  await close()
  await choose(person, 'hello', 'Add a reaction')
  await look('emoji picker')
  await close()
  for (const [item, name] of [
    ['Earlier versions', 'history'],
    ['Who reacted', 'reactors'],
    ['Forward', 'forward'],
    ['Recall', 'recall'],
  ] as const) {
    await choose(person, 'hello', item)
    await expect(page.getByRole('dialog')).toBeVisible()
    await look(name)
    await close()
  }
  await page.getByRole('button', { name: 'More', exact: true }).click()
  await look('menu of the conversation')
  await close()
  await page.getByRole('button', { name: 'Show all pinned messages' }).click()
  await look('pins')
  await close()
  await page.getByRole('button', { name: 'Send later' }).click()
  await look('send later')
  await close()
  await choose(person, 'hello', 'Reply')
  await look('reply')
  await page.keyboard.press('Escape')
  await choose(person, 'hello', 'Select')
  await look('selecting')
  await page.keyboard.press('Escape')
}

for (const colorScheme of ['light', 'dark'] as const) {
  test(`everything in a chat is accessible in ${colorScheme}`, async ({ person, server }) => {
    test.setTimeout(120_000)
    const id = `chl-${colorScheme}`
    await eventful(server, id)
    const ann = await person(id, 'Lou Chat', { colorScheme, reducedMotion: 'reduce' })
    const { page } = ann
    const look = (name: string): Promise<void> => expectNoViolations(page, name)
    await openChat(ann, 'Zoe Busy')
    await expect(page.getByTestId('pinned')).toBeVisible()
    await look('eventful chat')
    await openings(ann, look)
    await openChat(ann, 'Busy room')
    await expect(ann.message('look')).toBeVisible()
    await look('eventful group')
    await page.getByRole('button', { name: /^Chat history/ }).click()
    await expect(page.getByRole('dialog')).toBeVisible()
    await look('bundle')
    await page.keyboard.press('Escape')
    await choose(ann, 'mine', 'Read by…')
    await expect(page.getByRole('dialog').getByRole('tab')).toHaveCount(2)
    await look('readers')
    await page.keyboard.press('Escape')
    await page.getByRole('textbox', { name: /^Message to/ }).pressSequentially('@')
    await expect(page.getByRole('listbox')).toBeVisible()
    await look('mention list')
  })
}

test('on a phone of 360 pixels nothing in a chat is wider than the screen, and a long press opens the menu', async ({
  person,
  server,
}) => {
  await eventful(server, 'chl-phone')
  const ann = await person('chl-phone', 'Lou Chat', {
    viewport: { width: 360, height: 740 },
    hasTouch: true,
    isMobile: true,
    reducedMotion: 'reduce',
  })
  const { page } = ann
  const narrow = async (name: string): Promise<void> => {
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
    expect(wide, name).toBeLessThanOrEqual(0)
  }
  await openChat(ann, 'Zoe Busy')
  await narrow('chat')
  await openings(ann, narrow)
  const bubble = ann.message('the first words').locator('.bubble')
  const box = await bubble.boundingBox()
  if (box === null) throw new Error('not in view')
  const touch = {
    pointerType: 'touch',
    clientX: box.x + 8,
    clientY: box.y + 8,
    bubbles: true,
    isPrimary: true,
  }
  await bubble.dispatchEvent('pointerdown', touch)
  await expect(page.getByRole('menuitem', { name: 'Reply' })).toBeVisible()
  await bubble.dispatchEvent('pointerup', touch)
  await page.getByRole('menuitem', { name: 'Reply' }).tap()
  await expect(page.getByTestId('reply')).toContainText('the first words')
})

test('the chat speaks Chinese', async ({ person, server }) => {
  await eventful(server, 'chl-zh')
  const ann = await person('chl-zh', 'Lou Chat', { locale: 'zh-CN' })
  const { page } = ann
  await openChat(ann, 'Zoe Busy')
  await expect(page.getByText('Zoe Busy 撤回了一条消息')).toBeVisible()
  await expect(page.getByText('Zoe Busy 设置消息在 1 小时后消失')).toBeVisible()
  await expect(ann.message('hello')).toContainText('已编辑')
  await expect(page.getByRole('textbox', { name: '给 Zoe Busy 的消息' })).toBeVisible()
})
