import AxeBuilder from '@axe-core/playwright'
import { expect, type Page } from '@playwright/test'

/** No violation of any weight on the screen as it stands; `screen` names it in the failure. */
export async function expectNoViolations(page: Page, screen: string): Promise<void> {
  // Colours fade in; what is judged is where they arrive.
  await page.evaluate(() =>
    Promise.allSettled(document.getAnimations().map((animation) => animation.finished)),
  )
  // Menus and popovers hang at the end of the body, so that nothing clips them: no landmark can hold them.
  const { violations } = await new AxeBuilder({ page }).disableRules(['region']).analyze()
  const found = violations.map((v) => `${screen}: ${v.id} ${v.nodes.map((node) => node.html).join(' | ')}`)
  expect(found).toEqual([])
}
