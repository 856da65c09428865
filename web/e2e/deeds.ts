import { expect, type Person } from './people.ts'

/** Chooses something from the menu of a message. */
export async function choose(person: Person, text: string, item: string): Promise<void> {
  await person
    .message(text)
    .locator('.bubble')
    .click({ button: 'right', position: { x: 12, y: 10 } })
  await person.page.getByRole('menuitem', { name: item, exact: true }).click()
}

/** Opens the chat with somebody and waits until it stands. */
export async function openChat(person: Person, title: string): Promise<void> {
  await person.row(title).click()
  await expect(person.page.getByRole('heading', { name: title })).toBeVisible()
}
