import { readFile } from 'node:fs/promises'
import { expectNoViolations } from './accessibility.ts'
import { password, register, signIn } from './api.ts'
import { expect, type Person, signInAs, test } from './people.ts'

/** What Chromium prints for every answer of 4xx. */
const refusal = /status of 4\d\d/

async function openSettings({ page }: Person, section: string): Promise<void> {
  await page.getByRole('button', { name: 'Settings' }).click()
  await page.getByRole('menuitem', { name: 'Profile, privacy, devices…' }).click()
  await page.getByRole('button', { name: section, exact: true }).click()
}

const sections = {
  en: ['Profile', 'Privacy', 'Devices', 'Password', 'Blocked people', 'Appearance and language', 'My data'],
  zh: ['个人资料', '隐私', '设备', '密码', '黑名单', '外观与语言', '我的数据'],
}

for (const [language, locale, colorScheme] of [
  ['en', 'en-US', 'light'],
  ['zh', 'zh-CN', 'dark'],
] as const) {
  test(`every section is accessible in ${language} and ${colorScheme}, wide and narrow`, async ({
    person,
    server,
  }) => {
    const id = `se-${language}`
    await register(server, `${id}-bad`, 'Bad')
    const ann = await person(id, 'Ann', { locale, colorScheme, reducedMotion: 'reduce' })
    await (await signIn(server, id)).call('POST', '/block/add', { user_id: `${id}-bad` })
    await ann.page.getByRole('button', { name: language === 'en' ? 'Settings' : '设置' }).click()
    await ann.page.getByRole('menuitem').first().click()
    for (const section of sections[language]) {
      await ann.page.getByRole('button', { name: section, exact: true }).click()
      await expect(ann.page.getByRole('heading', { name: section, exact: true })).toBeVisible()
      await expect(ann.page.getByRole('dialog').getByRole('status')).toHaveText(
        section === sections[language][6] ? [''] : [],
      )
      await expectNoViolations(ann.page, section)
    }
    await ann.page.setViewportSize({ width: 360, height: 740 })
    await expectNoViolations(ann.page, 'narrow')
    const wide = await ann.page.evaluate(() => document.documentElement.scrollWidth > innerWidth)
    expect(wide).toBe(false)
  })
}

test('profile and status are changed and seen by others', async ({ person, server }) => {
  await register(server, 'pf-bob', 'Bob')
  const ann = await person('pf-ann', 'Ann')
  await openSettings(ann, 'Profile')
  await ann.page.getByLabel('Nickname').fill('Ann of the lake')
  await ann.page.getByRole('button', { name: 'Save' }).click()
  await expect(ann.page.getByTestId('own-name')).toHaveText('Ann of the lake')
  await ann.page.getByRole('button', { name: 'Set status' }).click()
  await expect(ann.page.getByText('Write a few words, or clear the status.')).toBeVisible()
  await ann.page.getByLabel('Emoji').fill('🏊')
  await ann.page.getByLabel('What you are up to').fill('Swimming')
  await ann.page.getByLabel('Until').selectOption('1 hour from now')
  await ann.page.getByRole('button', { name: 'Set status' }).click()
  await expect(ann.page.getByRole('button', { name: 'Clear status' })).toBeVisible()
  const bob = await signIn(server, 'pf-bob')
  const seen = await bob.call<{ nickname: string; status?: { text: string; until: number } }>(
    'GET',
    '/user/profile/pf-ann',
  )
  expect(seen).toMatchObject({ nickname: 'Ann of the lake', status: { text: 'Swimming', emoji: '🏊' } })
  await ann.page.getByRole('button', { name: 'Clear status' }).click()
  await expect(ann.page.getByRole('button', { name: 'Clear status' })).toHaveCount(0)
})

test('a device that is signed out from another one is told why', async ({ person, server }) => {
  const ann = await person('de-ann', 'Ann')
  await signIn(server, 'de-ann', 1)
  const phone = await signIn(server, 'de-ann', 2)
  await openSettings(ann, 'Devices')
  await expect(ann.page.locator('[data-device]').first()).toContainText('Chrome on')
  await expect(ann.page.locator('[data-device]').first()).toContainText('This device')
  await ann.page.getByRole('button', { name: 'Sign out Android' }).click()
  await expect(ann.page.locator('[data-device]')).toHaveCount(2)
  await expect(phone.call('GET', '/user/info')).rejects.toThrow(/1003/)

  const current = await signIn(server, 'de-ann', 1)
  const list = await current.call<{ session_id: string; platform_id: number }[]>('GET', '/session/list')
  ann.expectNoise(refusal)
  const web = list.find((one) => one.platform_id === 5)
  await current.call('POST', '/session/revoke', { session_id: web?.session_id })
  await expect(ann.page.getByTestId('ended')).toHaveAttribute('data-reason', 'revoked')
  await expect(ann.page.getByText('This session was revoked.')).toBeVisible()
})

test('all other devices are signed out at once', async ({ person, server }) => {
  const ann = await person('do2-ann', 'Ann')
  const others = [await signIn(server, 'do2-ann', 1), await signIn(server, 'do2-ann', 3)]
  await openSettings(ann, 'Devices')
  await ann.page.getByRole('button', { name: 'Sign out all other devices' }).click()
  await ann.page
    .getByRole('dialog')
    .last()
    .getByRole('button', { name: 'Sign out all other devices' })
    .click()
  await expect(ann.page.locator('[data-device]')).toHaveCount(1)
  for (const other of others) await expect(other.call('GET', '/user/info')).rejects.toThrow(/1003/)
})

test('the password is changed once the present one is right', async ({ person, server }) => {
  const ann = await person('pw-ann', 'Ann')
  ann.expectNoise(refusal)
  await openSettings(ann, 'Password')
  const dialog = ann.page.getByRole('dialog')
  await dialog.getByLabel('Present password').fill('not this one')
  await dialog.getByLabel('New password').fill('another good one')
  await dialog.getByRole('button', { name: 'Change password' }).click()
  await expect(dialog.getByText('The password is not right.')).toBeVisible()
  await dialog.getByLabel('Present password').fill(password)
  await dialog.getByRole('button', { name: 'Change password' }).click()
  await expect(ann.page.getByText('Your password is changed.')).toBeVisible()
  await expect(signIn(server, 'pw-ann')).rejects.toThrow(/200[58]/)
})

test('everything about the account is exported as JSON', async ({ person, server }) => {
  await register(server, 'ex-bob', 'Bob')
  const ann = await person('ex-ann', 'Ann')
  await (await signIn(server, 'ex-ann')).say({ recv_id: 'ex-bob' }, 'to be exported')
  await openSettings(ann, 'My data')
  const download = ann.page.waitForEvent('download')
  await ann.page.getByRole('button', { name: 'Export', exact: true }).click()
  const file = await download
  expect(file.suggestedFilename()).toMatch(/^nexo-ex-ann-\d{4}-\d\d-\d\d\.json$/)
  const documents = JSON.parse(await readFile(await file.path(), 'utf8')) as { kind: string }[]
  expect(documents.map(({ kind }) => kind)).toContain('profile')
  expect(JSON.stringify(documents)).toContain('to be exported')
  await expect(ann.page.getByText(/The export is saved with \d+ documents/)).toBeVisible()
})

test('a deleted account is signed out and shows as its id', async ({ person }) => {
  const ann = await person('dl-ann', 'Ann Gone')
  const bob = await person('dl-bob', 'Bob')
  await bob.startChat('dl-ann')
  await bob.write('are you there')
  await expect(bob.row('Ann Gone')).toBeVisible()
  ann.expectNoise(refusal)
  await openSettings(ann, 'My data')
  await ann.page.getByRole('button', { name: 'Delete account' }).click()
  const dialog = ann.page.getByRole('dialog', { name: 'Delete your account for good?' })
  await dialog.getByRole('button', { name: 'Delete for good' }).click()
  await expect(dialog.getByText('This is not your user id.')).toBeVisible()
  await dialog.getByLabel(/Type your user id/).fill('dl-ann')
  await dialog.getByLabel('Password', { exact: true }).fill(password)
  await expectNoViolations(ann.page, 'deleting the account')
  await dialog.getByRole('button', { name: 'Delete for good' }).click()
  await expect(ann.page.getByRole('heading', { name: 'Welcome back' })).toBeVisible()
  expect(await ann.page.evaluate(() => localStorage.getItem('nexo.session'))).toBeNull()
  await bob.page.reload()
  await expect(bob.row('dl-ann')).toBeVisible()
  await expect(bob.row('Ann Gone')).toHaveCount(0)
})

test('a token is renewed in time, once for all tabs, and the connection stays', async ({ person }) => {
  const ann = await person('rn-ann', 'Ann')
  const before = await ann.page.evaluate(() => localStorage.getItem('nexo.session'))
  // Tokens tell the second they were signed in: within it a renewed one would be the same.
  await ann.page.waitForTimeout(1100)
  // As if three quarters of its life had passed.
  await ann.page.evaluate(() => {
    const session = JSON.parse(localStorage.getItem('nexo.session') ?? '{}') as object
    localStorage.setItem('nexo.session', JSON.stringify({ ...session, renewAt: 0 }))
  })
  let renewals = 0
  ann.context.on('request', (request) => {
    if (request.url().endsWith('/auth/refresh')) renewals += 1
  })
  const other = await ann.context.newPage()
  await Promise.all([ann.page.reload(), other.goto('/')])
  for (const page of [ann.page, other])
    await expect(page.getByTestId('connection')).toHaveAttribute('data-state', 'online')
  await expect
    .poll(() => ann.page.evaluate(() => localStorage.getItem('nexo.session')))
    .not.toContain('"renewAt":0')
  expect(await ann.page.evaluate(() => localStorage.getItem('nexo.session'))).not.toBe(before)
  expect(renewals).toBe(1)
  await ann.page.reload()
  await expect(ann.page.getByTestId('connection')).toHaveAttribute('data-state', 'online')
})

test('an expired token is exchanged at the door while the session lives', async ({ visitor, server }) => {
  await register(server, 'xp-ann', 'Ann')
  const ann = await visitor()
  ann.expectNoise(refusal)
  await ann.page.goto('/')
  await signInAs(ann.page, 'xp-ann')
  await ann.page.waitForTimeout(1100)
  let refused = 0
  await ann.page.route('**/user/info', async (route) => {
    if (refused++ > 0) return route.continue()
    await route.fulfill({ status: 401, json: { code: 2002, msg: 'token expired', data: null } })
  })
  await ann.page.reload()
  await expect(ann.page.getByTestId('connection')).toHaveAttribute('data-state', 'online')
  expect(refused).toBeGreaterThan(1)
})
