import type { Page } from 'playwright-core';

/** What a person does with the card of found devices; of any hub whose panel is open and whose admin is signed in. */

export interface Said {
  readonly wattage: string;
  readonly name?: string;
  readonly room?: string;
  readonly circuit?: string;
  readonly channel?: number;
}

export async function foundWords(page: Page, id: string): Promise<string> {
  return (await page.getByTestId(`found-${id}`).innerText()).replaceAll(/\s+/g, ' ');
}

/** Opens the form of a found device, fills in what is said, and sends it. */
export async function adoptInPanel(page: Page, id: string, said: Said): Promise<void> {
  const form = page.getByTestId(`adopt-form-${id}`);
  if ((await form.count()) === 0) await page.getByTestId(`adopt-${id}`).click();
  const { channel, circuit, ...texts } = said;
  if (channel !== undefined) await form.locator('[name=channel]').selectOption(String(channel));
  for (const [name, text] of Object.entries(texts)) await form.locator(`[name=${name}]`).fill(text);
  if (circuit !== undefined) await form.locator('[name=circuit]').selectOption(circuit);
  await form.getByRole('button', { name: 'Add', exact: true }).click();
}
