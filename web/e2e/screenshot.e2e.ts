import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Caller, register, signIn } from './api.ts'
import { expect, test } from './people.ts'
import type { TestServer } from './server.ts'

const docs = join(import.meta.dirname, '../../docs')
const size = { width: 1120, height: 740 }

const cast = {
  ada: 'Ada Lindqvist',
  jon: 'Jon Åberg',
  lin: '林小雨',
  omar: 'Omar Haddad',
  noa: 'Noa Peretz',
}
type Name = keyof typeof cast

/** What a morning looks like in five conversations. */
async function play(server: TestServer): Promise<void> {
  await register(server, 'mira', 'Mira Sol')
  const mira = await signIn(server, 'mira')
  const people = {} as Record<Name, Caller>
  for (const [id, nickname] of Object.entries(cast) as [Name, string][]) {
    await register(server, id, nickname)
    people[id] = await signIn(server, id)
  }
  const { ada, jon, lin, omar, noa } = people
  const toMira = { recv_id: 'mira' }
  await omar.say(toMira, 'The train is late again. Start without me, I will read up 🙂')
  await noa.say(toMira, 'The photos from Sunday are up, have a look')
  await lin.say(toMira, '周五的会议改到下午三点，记得带上你的笔记。')
  const club = await ada.call<{ id: string }>('POST', '/group/create', {
    name: 'Lunch club',
    introduction: 'Where to eat, every day at noon.',
    member_ids: ['mira', 'jon', 'lin', 'noa'],
  })
  const group = { group_id: club.id }
  await ada.say(group, 'Soup today? The place at the corner has the good lentils again.')
  await jon.say(group, 'In. Also: they bake their own bread now.')
  await lin.say(group, '我可以，十二点半楼下见')
  await mira.say(group, 'Half past twelve, I bring the appetite.')
  await noa.say(group, '🙋‍♀️')
  await ada.say(toMira, 'Morning! Did the new build reach you?')
  await mira.say({ recv_id: 'ada' }, 'It did. The list opens at once now, even on my old phone.')
  await ada.say(toMira, 'Good. The notes are here: https://notes.example/0.1\nHave a look before noon?')
  await ada.call('POST', '/msg/send', {
    ...toMira,
    client_msg_id: 'plan',
    msg_type: 5,
    content: {
      file: { url: 'https://notes.example/release-plan.pdf', name: 'release-plan.pdf', size: 482_000 },
    },
  })
  await mira.call('POST', '/msg/send', {
    recv_id: 'ada',
    client_msg_id: 'quote',
    msg_type: 8,
    content: { quote: { seq: 3, text: 'Reads well! One typo in the second paragraph.' } },
  })
  await ada.say(toMira, 'Found it, thank you.')
  await ada.say(toMira, 'Lunch?')
  await mira.say({ recv_id: 'ada' }, 'Half past twelve, the usual corner.')
}

// Only when asked: it writes the picture of the README, which should not change with every run.
if (process.env['SCREENSHOT'] === '1') {
  test('the picture for the README', async ({ person, server, browser }) => {
    await play(server)
    const ada = await person('ada', cast.ada)
    await person('lin', cast.lin)
    const pictures: string[] = []
    for (const colorScheme of ['light', 'dark'] as const) {
      const mira = await person('mira', 'Mira Sol', { colorScheme, viewport: size, deviceScaleFactor: 2 })
      if (colorScheme === 'dark') {
        await mira.row('Lunch club').click()
        await expect(mira.message('appetite')).toBeVisible()
      } else {
        await mira.row(cast.ada).click()
        await expect(mira.message('the usual corner')).toBeVisible()
        await mira.page.getByRole('textbox', { name: /^Message to/ }).fill('See you ')
      }
      await expect(mira.page.locator('[data-presence=online]').first()).toBeVisible()
      pictures.push((await mira.page.screenshot({ animations: 'disabled' })).toString('base64'))
      await mira.context.close()
    }
    expect(ada.page.isClosed()).toBe(false)
    const sheet = await browser.newPage({ viewport: { width: 1760, height: 640 }, deviceScaleFactor: 1.25 })
    const frame = 'width:850px;border-radius:14px;box-shadow:0 10px 34px #0005'
    await sheet.setContent(
      `<body style="margin:0;height:640px;display:flex;gap:20px;align-items:center;justify-content:center;background:#cfd8d3">
      ${pictures.map((one) => `<img style="${frame}" src="data:image/png;base64,${one}">`).join('')}</body>`,
    )
    await mkdir(docs, { recursive: true })
    await sheet.screenshot({ path: join(docs, 'screenshot.png') })
    await sheet.close()
  })
}
