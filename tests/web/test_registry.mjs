#!/usr/bin/env node
// Groups, channels and protocol profiles (S3 2.2.11–2.2.13): the default group, several changed at once, what is in use stays;
// and the pages that no menu names, wide and on a phone.
import { ok, same, test, until } from './support/stand.mjs';
import { button, choose, dialog, field, menuItem, save, wordsOf } from './support/hands.mjs';

const rowOf = (page, text) => page.getByRole('row').filter({ hasText: text }).first();

async function groups(stand, page, t, name) {
  await stand.go(page, '/groups');
  await button(page, t('add')).click();
  await field(dialog(page), t('groups:field.title')).fill(`КЕСИ ${name}`);
  await save(page, t('save'));
  await rowOf(page, `КЕСИ ${name}`).click({ button: 'right' });
  await menuItem(page, t('groups:makeDefault')).click();
  await page.getByRole('row').filter({ hasText: `КЕСИ ${name}` }).filter({ hasText: t('groups:byDefault') }).waitFor();
  const all = (await stand.ask('GET', '/groups')).items;
  same(all.filter((group) => group.default).map((group) => group.title), [`КЕСИ ${name}`], 'there is one default group, chosen by the context menu');
  const [id] = (await stand.ask('POST', '/devices', { serial: `8${name.length}${name.charCodeAt(0)}`, driver: 'spodes' })).ids;
  same((await stand.ask('GET', `/devices/${id}`)).group, `КЕСИ ${name}`, 'a new device goes into it');
  await stand.ask('DELETE', `/devices/${id}`);
}

async function links(stand, page, t, name) {
  for (const host of ['10.0.0.1', '10.0.0.2']) await stand.ask('POST', '/links', { title: `${host} ${name}`, kind: 'tcp', host, port: 4000 });
  await stand.go(page, `/links?q=${encodeURIComponent(name)}`);
  for (const host of ['10.0.0.1', '10.0.0.2']) await rowOf(page, `${host} ${name}`).getByRole('checkbox').check();
  await button(page, t('links:editMany', { count: 2 })).click();
  await choose(page, dialog(page), t('links:chooseFields'), t('links:field.port'));
  await page.keyboard.press('Escape');
  await field(dialog(page), t('links:field.port')).fill('4059');
  await save(page, t('save'));
  same((await stand.ask('GET', `/links?search=${encodeURIComponent(name)}`)).items.map((link) => link.port), [4059, 4059], 'two channels are changed at once');
  await stand.go(page, '/links?q=127.77.0.1');
  await rowOf(page, '127.77.0.1').click({ button: 'right' });
  await menuItem(page, t('delete')).click();
  ok((await dialog(page).textContent()).includes('(1)'), 'deleting says that a device uses it');
  await button(dialog(page), t('delete')).click();
  await page.getByText(t('links:deletedSome', { deleted: 0, used: 1 })).waitFor();
  ok(await rowOf(page, '127.77.0.1').isVisible(), 'and it stays');
}

async function protocols(stand, page, t, name) {
  for (const n of [1, 2]) await stand.ask('POST', '/protocols', { title: `профиль ${n} ${name}`, driver: 'spodes', parameters: { password: '12345678', client: '32' } });
  await stand.go(page, `/protocols?q=${encodeURIComponent(name)}`);
  for (const n of [1, 2]) await rowOf(page, `профиль ${n} ${name}`).getByRole('checkbox').check();
  await button(page, t('protocols:editMany', { count: 2 })).click();
  await choose(page, dialog(page), t('protocols:chooseFields'), 'HDLC', /Окно HDLC|HDLC window/);
  await page.keyboard.press('Escape');
  await dialog(page).locator('#parameters_window').fill('9'); // the field takes at most 7
  await button(dialog(page), t('save')).click();
  await until('both are changed', async () => (await stand.ask('GET', `/protocols?search=${encodeURIComponent(name)}`)).items.every((one) => one.parameters.window === '7'));
  const after = (await stand.ask('GET', `/protocols?search=${encodeURIComponent(name)}`)).items;
  same(after.map((one) => one.parameters), [1, 2].map(() => ({ password: '***', client: '32', window: '7' })), 'two profiles are changed at once, their other parameters and secrets stay');
  await stand.go(page, `/protocols?q=${encodeURIComponent(name)}`);
  await button(page, `профиль 1 ${name}`).click();
  ok(await dialog(page).getByText(t('protocols:secret.stored')).isVisible(), 'a stored password is shown as stored, not as itself');
  await stand.shot(page, `protocol-${name}`);
}

/** The device's page and the wizard are in no menu. */
async function pages(stand) {
  for (const [lang, theme, width] of [['ru', 'dark', 390], ['en', 'light', 390], ['ru', 'light', 1280]]) {
    const opened = await stand.open(undefined, { language: lang, theme, width });
    for (const path of ['/devices/1?tab=events', '/devices/999999', '/devices/wizard']) {
      await stand.go(opened, path);
      const name = `page${path.replace(/\?.*/, '').replaceAll('/', '-')}-${lang}-${theme}-${width}`;
      if (path.endsWith('999999')) opened.complaints.length = 0; // the browser itself tells the console of a refusal
      const spill = await opened.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      ok(spill <= 0, `${name}: nothing spills over the edge`, `${spill} px`);
      await stand.whole(opened, name);
    }
    await opened.context().close();
  }
}

await test(async (stand) => {
  for (const [lang, theme] of [['ru', 'light'], ['en', 'dark']]) {
    const t = wordsOf(lang), name = `${lang}-${theme}`;
    const page = await stand.open(undefined, { language: lang, theme });
    await groups(stand, page, t, name);
    await links(stand, page, t, name);
    await protocols(stand, page, t, name);
    ok(page.complaints.length === 0, 'the console is silent', page.complaints.join('\n'));
    await page.context().close();
  }
  await pages(stand);
}, { meters: 2, quiet: 0 });
