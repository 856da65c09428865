import AxeBuilder from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { register, signIn } from './api.ts'
import { expect, type Person, test } from './people.ts'
import type { TestServer } from './server.ts'

async function expectAccessible(page: Page, screen: string): Promise<void> {
  // Colours fade in; what is judged is where they arrive.
  await page.evaluate(() =>
    Promise.allSettled(document.getAnimations().map((animation) => animation.finished)),
  )
  const { violations } = await new AxeBuilder({ page }).analyze()
  const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
  const found = serious.map((v) => `${screen}: ${v.id} ${v.nodes.map((node) => node.html).join(' | ')}`)
  expect(found).toEqual([])
}

async function lively(server: TestServer, ownId: string): Promise<string> {
  await register(server, 'look-ada', 'Ada').catch(() => undefined)
  const ada = await signIn(server, 'look-ada')
  await ada.say({ recv_id: ownId }, 'Hello! See https://a.example and tell me 🙂')
  await ada.call('POST', '/msg/send', {
    client_msg_id: `q-${ownId}`,
    recv_id: ownId,
    msg_type: 8,
    content: { quote: { seq: 1, text: 'well?' } },
  })
  const group = await ada.call<{ id: string }>('POST', '/group/create', {
    name: 'Looks',
    member_ids: [ownId],
  })
  await ada.say({ group_id: group.id }, 'in the group')
  return group.id
}

for (const colorScheme of ['light', 'dark'] as const) {
  test(`every screen is accessible in ${colorScheme}`, async ({ person, visitor, server }) => {
    const stranger = await visitor({ colorScheme, reducedMotion: 'reduce' })
    await stranger.page.goto('/')
    await expectAccessible(stranger.page, 'sign in')
    await stranger.page.getByRole('button', { name: 'Create account' }).click()
    await stranger.page.locator('form button[type=submit]').click()
    await expectAccessible(stranger.page, 'create account with problems')

    const id = `look-${colorScheme}`
    const ann = await person(id, 'Lou Look', { colorScheme, reducedMotion: 'reduce' })
    await expectAccessible(ann.page, 'empty list')
    const groupId = await lively(server, id)
    await expect(ann.row('Looks')).toBeVisible()
    await expectAccessible(ann.page, 'list with unread')
    await ann.row('Ada').click()
    await ann.write('fine words')
    await expect(ann.message('fine words')).toHaveAttribute('data-status', /sent|delivered|read/)
    await expectAccessible(ann.page, 'single chat')
    await ann.row('Looks').click()
    await ann.page.getByRole('button', { name: 'Group details' }).click()
    await expect(ann.page.getByRole('button', { name: `Copy id ${groupId}` })).toBeVisible()
    await expect(ann.page.getByRole('button', { name: 'Leave group' })).toBeVisible()
    await expectAccessible(ann.page, 'group with details')
    await everyDialog(ann)
    await ann.page.goto(`/#/c/${encodeURIComponent(`si_${id}:zz-nobody`)}`)
    await ann.write('no such')
    await expect(ann.message('no such')).toHaveAttribute('data-status', 'failed')
    await expectAccessible(ann.page, 'failed message')
    ann.expectNoise(/Failed to load resource|WebSocket|INTERNET_DISCONNECTED/)
    await ann.context.setOffline(true)
    await expect(ann.page.getByTestId('banner')).toBeVisible()
    await expectAccessible(ann.page, 'offline')
    await ann.context.setOffline(false)
    await signIn(server, id, 5)
    await expect(ann.page.getByTestId('ended')).toBeVisible({ timeout: 20_000 })
    await expectAccessible(ann.page, 'ended')
  })
}

async function everyDialog({ page }: Person): Promise<void> {
  for (const name of ['New chat', 'New group', 'Leave group']) {
    await page.getByRole('button', { name }).first().click()
    await expect(page.getByRole('dialog')).toBeVisible()
    await expectAccessible(page, name)
    await page.keyboard.press('Escape')
    await expect(page.getByRole('dialog')).toHaveCount(0)
  }
  await page.getByRole('button', { name: 'Settings' }).click()
  await expect(page.getByRole('menu')).toBeVisible()
  await expectAccessible(page, 'settings')
  await page.getByRole('menuitem', { name: 'Join a group' }).click()
  await expectAccessible(page, 'join')
  await page.keyboard.press('Escape')
}

test('on a phone the list and the chat are separate screens', async ({ person, server }) => {
  const ann = await person('look-phone', 'Fone', { viewport: { width: 390, height: 780 } })
  await lively(server, 'look-phone')
  const list = ann.page.getByRole('navigation', { name: 'Conversations' })
  await expect(ann.row('Looks')).toBeVisible()
  await ann.row('Ada').click()
  await expect(list).toBeHidden()
  await expect(ann.page.getByRole('log')).toBeVisible()
  await ann.write('from the tram')
  await expect(ann.message('from the tram')).toHaveAttribute('data-status', /sent|delivered|read/)
  const wide = await ann.page.evaluate(() => document.documentElement.scrollWidth > innerWidth)
  expect(wide).toBe(false)
  await ann.page.getByRole('button', { name: 'Back to conversations' }).click()
  await expect(list).toBeVisible()
  await expect(ann.page.getByRole('log')).toHaveCount(0)
  await ann.page.goBack()
  await expect(ann.page.getByRole('log')).toBeVisible()
  await ann.page.goBack()
  await expect(list).toBeVisible()
  await ann.row('Looks').click()
  await ann.page.getByRole('button', { name: 'Group details' }).click()
  await expect(ann.page.getByRole('dialog')).toContainText('Leave group')
  await expectAccessible(ann.page, 'group details on a phone')
})

test('theme and language follow the system until chosen, and the choice is kept', async ({ person }) => {
  const ann = await person('look-choice', 'Cho', { colorScheme: 'dark', locale: 'zh-CN' })
  const background = (): Promise<string> =>
    ann.page.evaluate(() => getComputedStyle(document.body).backgroundColor)
  const dark = await background()
  await expect(ann.page.getByText('选择一个会话')).toBeVisible()
  expect(await ann.page.evaluate(() => document.documentElement.lang)).toBe('zh-CN')
  await ann.page.getByRole('button', { name: '设置' }).click()
  await ann.page.getByRole('menuitemradio', { name: '浅色' }).click()
  await ann.page.getByRole('menuitemradio', { name: 'English' }).click()
  await expect(ann.page.getByText('Choose a conversation')).toBeVisible()
  const light = await background()
  expect(light).not.toBe(dark)
  await ann.page.reload()
  await expect(ann.page.getByText('Choose a conversation')).toBeVisible()
  expect(await background()).toBe(light)
})
