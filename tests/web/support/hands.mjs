// Hands for the forms of the app: words of the page's language, fields by their labels, choices from lists.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './stand.mjs';

/** t('devices:form.add', { count: 2 }) as the app says it in that language. */
export function wordsOf(language) {
  const folder = join(root, 'web/src/locales', language);
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
  const all = Object.fromEntries(files.map((file) => [file.name.slice(0, -5), JSON.parse(readFileSync(join(file.path ?? file.parentPath, file.name), 'utf8'))]));
  const plural = new Intl.PluralRules(language);
  return (key, values = {}) => {
    const [space, path] = key.includes(':') ? key.split(':') : ['app', key];
    const at = (name) => name.split('.').reduce((words, part) => words?.[part], all[space]);
    const text = (values.count !== undefined && at(`${path}_${plural.select(values.count)}`)) || at(path);
    if (typeof text !== 'string') throw new Error(`no word ${key} in ${language}`);
    return text.replace(/\{\{(\w+)\}\}/g, (_, name) => values[name]);
  };
}

/** The dialog that is open. */
export const dialog = (page) => page.locator('.ant-modal-wrap:visible').last();

export const field = (within, label) => within.getByLabel(label, { exact: true }).or(within.getByLabel(`* ${label}`, { exact: true })).first();

/** A button by its words: antd puts the icon's name before them. */
const last = (name) => new RegExp(`(^|\\s)${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`);
export const button = (within, name) => within.getByRole('button', { name: last(name) }).first();
export const menuItem = (page, name) => page.getByRole('menuitem', { name: last(name) }).first();

/** Types into a choice and takes what it offers under that name. */
export async function choose(page, within, label, typed, option = typed) {
  const box = within.getByRole('combobox', { name: label }).first();
  await box.click();
  await box.fill(typed);
  await page.locator('.ant-select-dropdown:visible .ant-select-item-option').filter({ hasText: option }).first().click();
}

export async function save(page, name) {
  const open = dialog(page);
  await button(open, name).click();
  await open.waitFor({ state: 'hidden' });
}
