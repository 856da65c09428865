import { register, signIn } from './api.ts'
import { expect, test } from './people.ts'

test('two people write to each other live, see presence and count what is unread', async ({ person }) => {
  const ann = await person('chat-ann', 'Ann Ice')
  const bob = await person('chat-bob', 'Bob Birch')
  await ann.startChat('chat-bob')
  await expect(ann.page.getByRole('heading', { name: 'Bob Birch' })).toBeVisible()
  await ann.write('hello Bob')
  await expect(ann.message('hello Bob')).toHaveAttribute('data-status', /sent|delivered|read/)

  await expect(bob.row('Ann Ice').getByTestId('unread')).toHaveText('1')
  await expect(bob.page).toHaveTitle('(1) Nexo')
  await expect(bob.row('Ann Ice')).toContainText('hello Bob')
  await ann.write('and again')
  await expect(bob.row('Ann Ice').getByTestId('unread')).toHaveText('2')
  await bob.row('Ann Ice').click()
  await expect(bob.page.getByTestId('unread-line')).toBeVisible()
  await expect(bob.message('and again')).toBeVisible()
  await expect(bob.row('Ann Ice').getByTestId('unread')).toHaveCount(0)
  await expect(bob.page).toHaveTitle('Nexo')

  await bob.write('hello Ann')
  await expect(ann.message('hello Ann')).toBeVisible()
  await expect(ann.page.getByTestId('presence')).toHaveText('online · Web')
  await bob.context.close()
  await expect(ann.page.getByTestId('presence')).toHaveText(/^last seen \d\d:\d\d$/)
})

test('an unknown user id is named', async ({ person }) => {
  const ann = await person('chat-lone', 'Lone')
  ann.expectNoise(/status of 404/)
  await ann.page.getByRole('button', { name: 'New chat' }).first().click()
  await ann.page.getByRole('dialog').getByLabel('User id').fill('chat-ghost')
  await ann.page.getByRole('button', { name: 'Open chat' }).click()
  await expect(ann.page.getByText('There is nobody with the user id “chat-ghost”.')).toBeVisible()
})

test('Enter sends, Shift+Enter starts a line, and composing with an input method does neither', async ({
  person,
  server,
}) => {
  await register(server, 'chat-peer', 'Peer')
  const ann = await person('chat-keys', 'Keys')
  await ann.startChat('chat-peer')
  const input = ann.page.getByRole('textbox', { name: 'Message to Peer' })
  await input.pressSequentially('one')
  await input.press('Shift+Enter')
  await input.pressSequentially('two')
  await input.evaluate((area) => {
    area.dispatchEvent(
      new KeyboardEvent('keydown', { key: 'Enter', isComposing: true, bubbles: true, cancelable: true }),
    )
  })
  await expect(ann.page.locator('[data-message]')).toHaveCount(0)
  await expect(input).toHaveValue('one\ntwo')
  await input.press('Enter')
  await expect(ann.message('one\ntwo')).toHaveAttribute('data-status', /sent|delivered|read/)
  await expect(input).toHaveValue('')
  await input.press('Enter')
  await expect(ann.page.locator('[data-message]')).toHaveCount(1)
})

test('a draft waits in its conversation and shows in the list', async ({ person, server }) => {
  await register(server, 'chat-d1', 'Dora One')
  await register(server, 'chat-d2', 'Dirk Two')
  const ann = await person('chat-drafts', 'Drafty')
  for (const id of ['chat-d1', 'chat-d2']) {
    await ann.startChat(id)
    await ann.write('hi')
    await expect(ann.message('hi')).toHaveAttribute('data-status', /sent|delivered|read/)
  }
  await ann.page.getByRole('textbox', { name: 'Message to Dirk Two' }).fill('not finished')
  await ann.row('Dora One').click()
  await expect(ann.page.getByRole('textbox', { name: 'Message to Dora One' })).toHaveValue('')
  await expect(ann.row('Dirk Two')).toContainText('Draft: not finished')
  await ann.page.reload()
  await ann.row('Dirk Two').click()
  await expect(ann.page.getByRole('textbox', { name: 'Message to Dirk Two' })).toHaveValue('not finished')
})

const hostile = [
  '<img src=x onerror="alert(1)"><script>alert(2)</script>',
  '"><svg onload=alert(3)> &lt;b&gt; &amp; %3Cscript%3E',
  'javascript:alert(4) data:text/html,<script>alert(5)</script>',
  '\u202Etxet desrever\u202C مرحبا بالعالم',
  '👩‍👩‍👧‍👦 𝒜𝓃𝓃 🇪🇺 e\u0301 zero\u200Bwidth',
  '#{alert(6)} {{7*7}} \\u003cscript\\u003e',
]

test('hostile text, nicknames and group names are shown as text and run nothing', async ({
  person,
  server,
}) => {
  const name = '<b onclick=alert(7)>M</b>\u202E'
  await register(server, 'chat-mal', name)
  const mal = await signIn(server, 'chat-mal')
  const ann = await person('chat-victim', 'Vic')
  for (const text of hostile) await mal.say({ recv_id: 'chat-victim' }, text)
  const group = await mal.call<{ id: string }>('POST', '/group/create', {
    name: '<script>alert(8)</script>',
    member_ids: ['chat-victim'],
  })
  await mal.say({ group_id: group.id }, '<iframe src="https://evil.example">')
  await ann.row('<b onclick').click()
  for (const text of hostile) await expect(ann.message(text)).toHaveText(new RegExp(`^${literal(text)}`))
  await expect(ann.page.locator('[data-message] :is(img, script, svg[onload], iframe)')).toHaveCount(0)
  await expect(ann.page.locator('[data-message] a')).toHaveCount(0)
  await ann.row('<script>').click()
  await expect(ann.message('<iframe src="https://evil.example">')).toBeVisible()
  const link = ann.page.locator('[data-message] a')
  await expect(link).toHaveText('https://evil.example')
  await expect(link).toHaveAttribute('rel', /noopener/)
})

function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}

test('every message type is shown, and nothing of it is loaded from another host', async ({
  person,
  server,
}) => {
  await register(server, 'chat-types', 'Typ')
  const typ = await signIn(server, 'chat-types')
  const ann = await person('chat-sees', 'Sees')
  const send = (msg_type: number, content: unknown): Promise<unknown> =>
    typ.call('POST', '/msg/send', { client_msg_id: `t${msg_type}`, recv_id: 'chat-sees', msg_type, content })
  await typ.say({ recv_id: 'chat-sees' }, 'look: https://a.example/x?y=1.')
  await send(2, { image: { url: 'https://pictures.example/cat.png', width: 800, height: 600, size: 123456 } })
  await send(3, { video: { url: 'https://videos.example/v.mp4', duration: 75 } })
  await send(4, { audio: { url: 'https://voices.example/v.ogg', duration: 5, waveform: [0.1, 0.9, 0.4] } })
  await send(5, { file: { url: 'https://files.example/f.pdf', name: 'plan.pdf', size: 2_500_000 } })
  await send(6, { location: { latitude: 48.2, longitude: -16.37, description: 'Café' } })
  await send(7, { card: { user_id: 'chat-sees', name: 'Sees' } })
  await send(8, { quote: { seq: 1, text: 'quoting that' } })
  await send(100, { custom: { type: 'ticket', data: '{"id":1}' } })
  await ann.row('Typ').click()
  const links = ann.page.locator('[data-message] a[target=_blank]')
  for (const host of ['a.example', 'pictures.example', 'videos.example', 'voices.example', 'files.example']) {
    await expect(links.filter({ hasText: host })).toHaveCount(1)
    await expect(links.filter({ hasText: host })).toHaveAttribute('rel', /noopener/)
  }
  await expect(ann.message('plan.pdf')).toContainText('2.5 MB')
  await expect(ann.message('Café')).toContainText('48.2000° N 16.3700° W')
  await expect(ann.message('quoting that')).toContainText('look: https://a.example')
  await expect(ann.message('ticket')).toContainText('{"id":1}')
  await expect(ann.page.locator('[data-message] img')).toHaveCount(0)
})

test('the list can be searched and walked with the arrow keys', async ({ person, server }) => {
  const ann = await person('chat-finder', 'Finder')
  for (const [id, nickname] of [
    ['chat-zoe', 'Zoë Quinn'],
    ['chat-li', '李小龙'],
  ] as const) {
    await register(server, id, nickname)
    await (await signIn(server, id)).say({ recv_id: 'chat-finder' }, `from ${nickname}`)
    await expect(ann.row(nickname)).toBeVisible()
  }
  await ann.page.keyboard.press('ControlOrMeta+k')
  await ann.page.keyboard.type('zoe')
  await expect(ann.page.locator('[data-conversation]')).toHaveCount(1)
  await ann.page.getByRole('searchbox').fill('nothing like it')
  await expect(ann.page.getByText('Nothing matches “nothing like it”.')).toBeVisible()
  await ann.page.getByRole('searchbox').press('Escape')
  await ann.row('李小龙').focus()
  await ann.page.keyboard.press('ArrowDown')
  await expect(ann.row('Zoë Quinn')).toBeFocused()
  await ann.page.keyboard.press('Enter')
  await expect(ann.page.getByRole('heading', { name: 'Zoë Quinn' })).toBeVisible()
})
