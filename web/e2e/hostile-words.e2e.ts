import type { Locator, Page } from '@playwright/test'
import { type Caller, register, signIn } from './api.ts'
import { addresses, payloads } from './hostile-payloads.ts'
import { expect, type Person, test } from './people.ts'
import type { TestServer } from './server.ts'

/**
 * Stored cross-site scripting (A27): everything that others can write is shown on every screen that shows it. Dialogs,
 * reports of the content policy, foreign requests and errors of the page fail any test here (see people.ts).
 */
const calls = new WeakMap<Page, string[]>()

/** A canary that a payload can call, and that a person's browser reports. */
async function guarded(person: Person): Promise<void> {
  const heard: string[] = []
  calls.set(person.page, heard)
  await person.context.exposeBinding('canary', () => void heard.push('a payload ran'))
  await person.page.reload()
  await expect(person.page.getByTestId('connection')).toHaveAttribute('data-state', 'online')
}

/** Nothing ran, nothing that a payload names became an element, and every link is one that may be followed. */
async function expectHarmless({ page }: Person, screen: string): Promise<void> {
  const found = await page.evaluate(() => {
    const strange =
      'script:not([src^="/assets/"]),iframe,object,embed,base,meta[http-equiv],marquee,math,x,template,audio,style:not([data-own])'
    const elements = [...document.querySelectorAll(strange)].map((one) => one.outerHTML.slice(0, 120))
    const handlers = [...document.querySelectorAll('*')]
      .filter((one) => [...one.attributes].some(({ name }) => name.startsWith('on')))
      .map((one) => one.outerHTML.slice(0, 120))
    const links = [...document.querySelectorAll('[href],[src],[action],[formaction]')]
      .flatMap((one) =>
        ['href', 'src', 'action', 'formaction'].map(
          (name) => (one as unknown as Record<string, unknown>)[name],
        ),
      )
      .filter(
        (value): value is string =>
          typeof value === 'string' && /^\s*(?:javascript|vbscript|data:text)/i.test(value),
      )
    return { elements, handlers, links }
  })
  expect(found, screen).toEqual({ elements: [], handlers: [], links: [] })
  expect(calls.get(page), screen).toEqual([])
}

async function founded(by: Caller, i: number, payload: string, member: string): Promise<string> {
  const group = await by.call<{ id: string }>('POST', '/group/create', {
    name: payload,
    introduction: payload,
    avatar: payload,
    join_mode: 1,
    member_ids: [member],
  })
  const group_id = group.id
  await by.call('POST', '/group/announce', { group_id, text: payload })
  await by.call('PUT', '/group/set_nickname', { group_id, nickname: payload })
  await by.say({ group_id }, payload)
  await by.call('POST', '/msg/pin', { conversation_id: `sg_${group_id}`, seq: 1 })
  await by.call('POST', '/msg/react', {
    conversation_id: `sg_${group_id}`,
    seq: 1,
    emoji: payload.slice(0, 32),
  })
  await by.call('POST', '/msg/send', {
    client_msg_id: `m${i}`,
    group_id,
    msg_type: 1,
    content: { text: `@all ${payload}` },
    mentions: [member, '*'],
  })
  return group_id
}

interface Attacker {
  readonly eve: Caller
  readonly group: string
}

const attackerId = (i: number): string => `xss-${String(i).padStart(2, '0')}`

/** All of them, a dozen at a time: the server writes what comes together with one sync. */
async function attackers(server: TestServer, victim: string): Promise<Attacker[]> {
  const all: Attacker[] = []
  for (let i = 0; i < payloads.length; i += 12) {
    const some = payloads.slice(i, i + 12)
    all.push(...(await Promise.all(some.map((payload, k) => attacker(server, i + k, payload, victim)))))
  }
  return all
}

/** Somebody who is called like a payload and writes it wherever something can be written. */
async function attacker(server: TestServer, i: number, payload: string, victim: string): Promise<Attacker> {
  const id = attackerId(i)
  await register(server, id, payload)
  const eve = await signIn(server, id)
  await eve.call('PUT', '/user/update', { avatar: payload, extra: JSON.stringify(payload) })
  await eve.call('PUT', '/user/status', { text: payload, emoji: payload.slice(0, 16) })
  await eve.say({ recv_id: victim }, payload)
  await eve.call('POST', '/msg/send', {
    client_msg_id: `q${i}`,
    recv_id: victim,
    msg_type: 8,
    content: { quote: { seq: 1, text: payload } },
  })
  if (i % 2 === 0) await eve.call('POST', '/friend/request', { user_id: victim, message: payload })
  return { eve, group: await founded(eve, i, payload, victim) }
}

/** All attackers write into one group, so that every name stands beside its words. */
async function everybodyTogether(server: TestServer, all: readonly Attacker[]): Promise<string> {
  const victim = await signIn(server, 'xss-victim')
  const group = { name: 'Everybody', member_ids: all.map(({ eve }) => eve.id) }
  const { id } = await victim.call<{ id: string }>('POST', '/group/create', group)
  await Promise.all(all.map(({ eve }, i) => eve.say({ group_id: id }, payloads[i] ?? '')))
  return `sg_${id}`
}

async function scroll(person: Person, over: Locator, pixels: number, screen: string): Promise<void> {
  await over.hover()
  for (let i = 0; i < 20; i++) {
    await expectHarmless(person, `${screen}, ${i} on`)
    await person.page.mouse.wheel(0, pixels)
    await person.page.waitForTimeout(40)
  }
}

/** Types of content beside text, with the payload in every field; what the server refuses is not shown to anybody. */
async function sendEveryType(by: Caller, to: object, payload: string): Promise<number> {
  const bodies: [number, object][] = [
    [2, { image: { url: payload, thumbnail: payload, mime: payload } }],
    [3, { video: { url: payload, thumbnail: payload, duration: 1 } }],
    [4, { audio: { url: payload, duration: 1 } }],
    [5, { file: { url: payload, name: payload, mime: payload, size: 1 } }],
    [5, { file: { url: 'https://a.example/x.svg', name: payload, mime: 'image/svg+xml', size: 1 } }],
    [6, { location: { latitude: 1, longitude: 1, name: payload, address: payload } }],
    [7, { card: { user_id: 'xss-00', name: payload, avatar: payload } }],
    [7, { card: { group_id: '1', name: payload, avatar: payload } }],
    [100, { custom: { type: payload.slice(0, 64), data: payload } }],
    [100, { custom: { data: JSON.stringify({ html: payload }) } }],
  ]
  let taken = 0
  for (const [msg_type, content] of bodies) {
    const message = { client_msg_id: `t-${Math.random()}`, msg_type, content, ...to }
    const sent = await by.call('POST', '/msg/send', message).then(
      () => true,
      () => false,
    )
    if (sent) taken += 1
  }
  return taken
}

/** Shows a conversation and waits until these very characters stand in it. */
async function open({ page }: Person, conversation: string, words: string): Promise<void> {
  await page.evaluate((id) => {
    location.hash = `#/c/${encodeURIComponent(id)}`
  }, conversation)
  await expect
    .poll(() => page.getByRole('log').evaluate((log) => log.textContent), { intervals: [20, 50, 100] })
    .toContain(words)
}

test('A27 nicknames, group names, announcements, statuses and words are text on every list and in every chat', async ({
  person,
  server,
}) => {
  test.setTimeout(240_000)
  expect(payloads.length).toBeGreaterThanOrEqual(60)
  const ann = await person('xss-victim', 'Ann')
  ann.expectNoise(/status of 40\d/)
  await guarded(ann)
  const all = await attackers(server, 'xss-victim')
  const together = await everybodyTogether(server, all)
  await expectHarmless(ann, 'what came live')
  await ann.page.reload()
  await expect(ann.page.locator('[data-conversation]').nth(8)).toBeVisible()
  await scroll(ann, ann.page.locator('[data-conversation]').last(), 600, 'the list')
  await open(ann, together, 'canary()')
  await scroll(ann, ann.page.getByRole('log'), -900, 'everybody in one group')
  for (const [i, payload] of payloads.entries()) {
    if (i % 8 !== 0) continue
    await open(ann, `si_${attackerId(i)}:xss-victim`, payload)
    await expectHarmless(ann, `the chat of ${payload}`)
    await open(ann, `sg_${all[i]?.group}`, payload)
    await expectHarmless(ann, `the group of ${payload}`)
  }
  await ann.page.getByRole('tab', { name: /^Contacts/ }).click()
  await expect(ann.page.locator('[data-request]').first()).toBeVisible()
  await expectHarmless(ann, 'contacts and requests')
  await ann.page.locator('[data-request]').first().getByRole('button').first().click()
  await expect(ann.page.getByRole('dialog')).toBeVisible()
  await expectHarmless(ann, 'a profile')
})

test('A27 what opens over a chat shows payloads as text: details, members, pins, history, forwarding, search', async ({
  person,
  server,
}) => {
  test.setTimeout(120_000)
  const ann = await person('xsd-victim', 'Ann')
  ann.expectNoise(/status of 40\d/)
  await guarded(ann)
  const { page } = ann
  const leave = async (): Promise<void> => {
    await page.keyboard.press('Escape')
    await page.keyboard.press('Escape')
  }
  const chosen = payloads.filter((_, i) => i % 12 === 0)
  for (const [i, payload] of chosen.entries()) {
    await register(server, `xsd-${i}`, payload)
    const eve = await signIn(server, `xsd-${i}`)
    const own = await signIn(server, 'xsd-victim')
    const group_id = await founded(eve, i, payload, 'xsd-victim')
    const theirs = await own.call<{ id: string }>('POST', '/group/create', { name: payload, join_mode: 1 })
    await eve.call('POST', '/group/apply', { group_id: theirs.id, message: payload })
    await own.call('PUT', '/friend/remark', { user_id: `xsd-${i}`, remark: payload })
    const conversation_id = `sg_${group_id}`
    await eve.call('POST', '/msg/edit', { conversation_id, seq: 1, content: { text: `${payload} edited` } })
    const bundle = {
      conversation_id,
      seqs: [1, 2],
      recv_id: 'xsd-victim',
      client_msg_id: `b${i}`,
      merged: true,
      title: payload,
    }
    await eve.call('POST', '/msg/forward', bundle)

    await open(ann, conversation_id, payload)
    await page.getByRole('button', { name: 'Group details' }).click()
    await expect(page.locator(`[data-member="xsd-${i}"]`)).toBeVisible()
    await expectHarmless(ann, `details of ${payload}`)
    await page.getByRole('button', { name: 'Group details' }).click()
    for (const item of ['Earlier versions', 'Who reacted', 'Forward', 'Reply']) {
      await page
        .locator('[data-message] .bubble')
        .first()
        .click({ button: 'right', position: { x: 8, y: 8 } })
      await page.getByRole('menuitem', { name: item, exact: true }).click()
      await expectHarmless(ann, `${item} of ${payload}`)
      await leave()
    }
    await page.getByRole('button', { name: 'Show all pinned messages' }).click()
    await expectHarmless(ann, `pins of ${payload}`)
    await leave()
    await open(ann, `si_xsd-${i}:xsd-victim`, payload)
    await page.locator('[data-message] .bubble button').last().click()
    await expectHarmless(ann, `the bundle of ${payload}`)
    await leave()
    await page.evaluate((id) => {
      location.hash = `#/c/sg_${id}`
    }, theirs.id)
    await page.getByRole('button', { name: 'Group details' }).click()
    await page.getByRole('button', { name: /^Applications/ }).click()
    await expect(page.getByRole('dialog')).toBeVisible()
    await expectHarmless(ann, `applications by ${payload}`)
    await leave()
  }
  await page.getByRole('tab', { name: /^Contacts/ }).click()
  await page.getByRole('button', { name: 'Add friend' }).first().click()
  const dialog = page.getByRole('dialog')
  for (const payload of chosen) {
    await dialog.getByLabel('User id or nickname').fill(payload)
    await dialog.getByRole('button', { name: 'Search' }).click()
    await expectHarmless(ann, `search for ${payload}`)
  }
})

test('A27 pictures, files, places, cards and custom messages run nothing and link to http alone', async ({
  person,
  server,
}) => {
  test.setTimeout(120_000)
  const ann = await person('xst-victim', 'Ann')
  ann.expectNoise(/status of 40\d/)
  await guarded(ann)
  await register(server, 'xst-eve', 'Eve')
  const eve = await signIn(server, 'xst-eve')
  let taken = 0
  for (const payload of [...addresses, ...payloads.filter((_, i) => i % 6 === 0)])
    taken += await sendEveryType(eve, { recv_id: 'xst-victim' }, payload)
  expect(taken).toBeGreaterThan(100)
  await open(ann, 'si_xst-eve:xst-victim', 'canary()')
  await scroll(ann, page(ann).getByRole('log'), -2500, 'types')
  const hrefs = await page(ann)
    .locator('[data-message] a')
    .evaluateAll((links) => links.map((link) => (link as HTMLAnchorElement).protocol))
  expect(hrefs.filter((protocol) => protocol !== 'http:' && protocol !== 'https:')).toEqual([])
})

const page = (person: Person): Page => person.page

test('A27 an address bar that somebody else wrote runs nothing', async ({ person }) => {
  const ann = await person('xsh-victim', 'Ann')
  ann.expectNoise(/status of 40\d/)
  await guarded(ann)
  for (const prefix of ['#/c/', '#/join/', '#']) {
    const hashes = payloads.map((payload) => prefix + encodeURIComponent(payload))
    await ann.page.evaluate(async (all) => {
      for (const hash of all) {
        location.hash = hash
        await new Promise((resolve) => setTimeout(resolve, 30))
      }
    }, hashes)
    await expectHarmless(ann, prefix)
  }
  await ann.page.keyboard.press('Escape')
})

test('A27 a script that got into the page would be stopped and reported', async ({ person, server }) => {
  const ann = await person('xsc-victim', 'Ann')
  const policy = (await fetch(server.url)).headers.get('content-security-policy') ?? ''
  expect(policy).toContain("default-src 'none'")
  expect(policy).toContain("script-src 'self'")
  expect(policy).not.toMatch(/unsafe|\*|script-src[^;]*(?:data:|blob:|http)/)
  expect((await fetch(server.url)).headers.get('x-content-type-options')).toBe('nosniff')
  ann.expectNoise(/policy: script-src|Content Security Policy|status of 40\d/)
  await guarded(ann)
  const reported = ann.page.evaluate(
    () =>
      new Promise<string>((resolve) => {
        addEventListener('securitypolicyviolation', (event) => resolve(event.violatedDirective))
        const planted = document.createElement('div')
        planted.innerHTML = '<img src="/nothing.png" onerror="canary()">'
        document.body.append(planted)
      }),
  )
  expect(await reported).toMatch(/^script-src/)
  expect(calls.get(ann.page)).toEqual([])
  await expect(expectHarmless(ann, 'planted')).rejects.toThrow()
})
