import { expectNoViolations } from './accessibility.ts'
import { register, signIn } from './api.ts'
import { expect, test } from './people.ts'
import type { TestServer } from './server.ts'

async function lively(server: TestServer, own: string): Promise<{ name: string; link: string }> {
  for (const id of ['fr', 'in', 'gu']) await register(server, `${own}-${id}`, `Nick ${id}`)
  const [ann, friend, incoming, guest] = await Promise.all(
    [own, `${own}-fr`, `${own}-in`, `${own}-gu`].map((id) => signIn(server, id)),
  )
  await friend?.call('POST', '/friend/request', { user_id: own })
  await ann?.call('POST', '/friend/accept', { user_id: `${own}-fr` })
  await friend?.call('PUT', '/user/status', { text: 'At the lake', emoji: '🏊' })
  await incoming?.call('POST', '/friend/request', { user_id: own, message: 'Hi there' })
  await friend?.say({ recv_id: own }, 'hello')
  const group = await ann?.call<{ id: string }>('POST', '/group/create', {
    name: 'Looked at',
    introduction: 'Everything in it',
    member_ids: [`${own}-fr`],
    join_mode: 1,
  })
  const group_id = group?.id ?? ''
  await ann?.call('POST', '/group/announce', { group_id, text: 'Friday at noon' })
  await guest?.call('POST', '/group/apply', { group_id, message: 'Let me in' })
  const link = await ann?.call<{ token: string }>('POST', '/group/create_link', { group_id })
  return { name: 'Looked at', link: link?.token ?? '' }
}

for (const [id, locale, colorScheme] of [
  ['lpl', 'en-US', 'light'],
  ['lpd', 'zh-CN', 'dark'],
] as const) {
  test(`contacts, profiles and everything of a group are accessible and fit a phone: ${locale}, ${colorScheme}`, async ({
    person,
    server,
  }) => {
    await register(server, id, 'Ann')
    const { name, link } = await lively(server, id)
    const viewport = { width: 360, height: 740 }
    const ann = await person(id, 'Ann', { locale, colorScheme, reducedMotion: 'reduce', viewport })
    const { page } = ann
    const look = async (screen: string): Promise<void> => {
      await expectNoViolations(page, screen)
      const widths = await page
        .locator('html, [role=dialog]')
        .evaluateAll((all) => all.map((one) => one.scrollWidth))
      expect(Math.max(...widths), screen).toBeLessThanOrEqual(viewport.width)
    }
    await ann.row(name).click({ button: 'right' })
    await expect(page.getByRole('menu')).toBeVisible()
    await look('menu of a row')
    await page.keyboard.press('Escape')
    await page.getByRole('tab').nth(1).click()
    await expect(page.locator(`[data-friend="${id}-fr"]`)).toContainText('At the lake')
    await look('contacts')
    await page.locator(`[data-request="${id}-in"]`).getByRole('button').first().click()
    await expect(page.getByRole('dialog')).toContainText('Hi there')
    await look('profile')
    await page.keyboard.press('Escape')
    await page.getByRole('tab').first().click()
    await ann.row(name).click()
    await page.locator('header button[aria-expanded]').first().click()
    // By attribute: a window over another one hides that from its role.
    const windows = page.locator('[role=dialog]')
    const panel = windows.first()
    await expect(panel).toContainText('Friday at noon')
    await look('panel')
    for (const row of await panel.locator('button:has(svg.lucide-chevron-right)').all()) {
      await row.click()
      await expect(windows).toHaveCount(2)
      await look((await windows.last().textContent()) ?? '')
      await page.keyboard.press('Escape')
      await expect(windows).toHaveCount(1)
    }
    await panel.locator(`[data-member="${id}-fr"] button`).last().click()
    await expect(page.getByRole('menu')).toBeVisible()
    await look('menu of a member')
    await page.goto(`/#/join/${link}`)
    await expect(page.getByRole('dialog').last()).toContainText('Everything in it')
    await look('invitation')
  })
}
