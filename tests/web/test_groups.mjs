#!/usr/bin/env node
// Groups of meters on a gateway (S0 4.3.2.1): picked in a window with check boxes, written as a whole, two editors; in Russian on a wide
// light screen, in English on a narrow dark one.
import { button, dialog, wordsOf } from './support/hands.mjs';
import { ok, same, test, until } from './support/stand.mjs';

const screens = [{ language: 'ru', theme: 'light', width: 1280 }, { language: 'en', theme: 'dark', width: 390 }];
const group = (stand, id) => stand.ask('GET', `/groups/${id}`);

/** Eleven meters and a hub between them; one group of three is there. */
async function table(stand) {
  const link = (await stand.ask('POST', '/links', { kind: 'serial', device: '/dev/ttyNone', title: 'Интерфейс 1' })).id;
  const meter = (id) => ({ id, driver: id % 2 ? 'spodes' : 'mercury230', address: String(16 + id), password: '1', interface: link, comment: `кв. ${id}` });
  const rows = Array.from({ length: 12 }, (_, i) => (i === 7 ? { id: 8, driver: 'hub', address: '192.168.205.17:2222' } : meter(i + 1)));
  rows.push({ id: 13, driver: 'mbus', address: '7', parent: 8 });
  await stand.ask('PUT', '/table', { revision: 0, rows });
}

async function pick(stand, page, t, inputs, house) {
  await stand.go(page, '/templates');
  const row = page.locator(`tr[data-row-key="${house}"]`).first();
  await row.locator('.ant-table-row-expand-icon').click();
  const members = page.getByTestId(`members-${house}`);
  await members.getByText(t('templates:groups.nobody')).waitFor();
  await button(members, t('templates:groups.addMeters')).click();
  const box = (id) => dialog(page).locator(`tr[data-row-key="${id}"]`).getByRole('checkbox');
  await box(8).waitFor();
  ok(await box(8).isDisabled(), 'a virtual hub is no meter to choose');
  await dialog(page).getByRole('checkbox').first().check();
  await dialog(page).getByText(t('templates:groups.chosen', { count: 12 })).waitFor();
  await box(2).uncheck();
  await dialog(page).getByRole('textbox').or(dialog(page).getByRole('searchbox')).first().fill('19');
  await until('what was looked for', async () => (await dialog(page).locator('tbody tr[data-row-key]').count()) === 2); // address 19, and the hub's
  await box(3).uncheck();
  await dialog(page).getByText(t('templates:groups.chosen', { count: 10 })).waitFor();
  await page.mouse.move(2, 2);
  await stand.whole(page, `groups-pick-${t.language}`);
  await button(dialog(page), t('templates:groups.choose')).click();
  await members.getByText(t('templates:groups.unsaved')).waitFor();
  same((await group(stand, house)).members, [], 'chosen is not written');
  await button(members, t('save')).click();
  await until('the group', async () => (await group(stand, house)).devices === 10);
  same((await group(stand, house)).members, [1, 4, 5, 6, 7, 9, 10, 11, 12, 13], 'written as chosen, what the search hid too');
  same((await group(stand, inputs)).members, [1, 4, 5], 'who stands in another group stands there still');
  const text = await members.locator('tr[data-row-key="13"]').innerText();
  ok(text.includes('M-Bus') && text.includes('7') && text.includes(t('templates:meter.behind', { id: 8 })), 'a meter with its type, address and interface', text);
  await page.mouse.move(2, 2);
  await stand.whole(page, `groups-${t.language}`);
  return members;
}

async function twoEditors(stand, page, t, members, house) {
  await button(members, t('clear')).click();
  await members.getByText(t('templates:groups.nobody')).waitFor();
  await button(members, t('cancel')).click();
  await members.getByText(t('templates:groups.chosen', { count: 10 })).waitFor();
  ok(true, 'cleared and cancelled: as it was');
  await members.locator('tr[data-row-key="1"]').getByRole('checkbox').check();
  await button(members, t('templates:groups.remove', { count: 1 })).click();
  await members.getByText(t('templates:groups.unsaved')).waitFor();
  await stand.ask('PATCH', `/groups/${house}`, { revision: (await group(stand, house)).revision, members: [2, 4] });
  await button(members, t('save')).click();
  const question = page.getByTestId('changed');
  await question.waitFor();
  ok((await question.innerText()).includes('2, 4'), 'what another wrote meanwhile is shown');
  page.complaints = page.complaints.filter((line) => !line.includes('status of 409')); // the refusal that was asked for
  await button(question, t('changed.theirsButton')).click();
  await members.getByText(t('templates:groups.chosen', { count: 2 })).waitFor();
  same((await group(stand, house)).members, [2, 4], 'and may be taken');
}

await test(async (stand) => {
  await table(stand);
  for (const screen of screens) {
    const t = Object.assign(wordsOf(screen.language), { language: screen.language });
    const [inputs, house] = [(await stand.ask('POST', '/groups', { title: `Вводы ${screen.language}`, members: [1, 4, 5] })).id, (await stand.ask('POST', '/groups', { title: `МКД ${screen.language}` })).id];
    const page = await stand.open('/templates', screen);
    await twoEditors(stand, page, t, await pick(stand, page, t, inputs, house), house);
    await page.close();
  }
}, { face: 'gateway', empty: true, collect: false, meters: 1 });
